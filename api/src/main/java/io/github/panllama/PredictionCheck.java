package io.github.panllama;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Refuses models whose multi-token prediction llama.cpp cannot compute: it would end the process. */
final class PredictionCheck {
    /** Those that llama.cpp has a graph for with one predicting layer behind the others. */
    private static final Set<String> ARCHITECTURES =
            Set.of("deepseek2", "deepseek32", "glm-dsa", "glm4moe", "qwen35", "qwen35moe", "qwen3next");

    private static final List<String> TENSORS = List.of("nextn.eh_proj", "nextn.enorm", "nextn.hnorm");
    private static final List<String> DEEPSEEK2_TENSORS = List.of(
            "attn_q_a",
            "attn_q_a_norm",
            "attn_q_b",
            "attn_kv_a_mqa",
            "attn_kv_a_norm",
            "attn_k_b",
            "ffn_norm",
            "ffn_gate_inp",
            "ffn_down_exps",
            "ffn_gate_shexp",
            "ffn_down_shexp",
            "ffn_up_shexp");

    private PredictionCheck() {}

    static void check(LlamaModel model) {
        ModelFiles files = model.modelFiles();
        String architecture = model.architecture();
        int layers = files.figure("nextn_predict_layers");
        if (layers == 0) {
            throw refused(model, "it has no layers for that");
        }
        if (!model.hasPredictionLayers()) {
            throw refused(model, "it was loaded without the layers for that; see multiTokenPrediction of ModelOptions");
        }
        if (layers > 1 || !ARCHITECTURES.contains(architecture)) {
            throw refused(
                    model,
                    "%d layers of %s predict; it can be one, of %s"
                            .formatted(
                                    layers,
                                    architecture,
                                    ARCHITECTURES.stream().sorted().toList()));
        }
        String prefix = "blk." + (files.figure("block_count") - 1) + '.';
        Stream.concat(TENSORS.stream(), architecture.equals("deepseek2") ? DEEPSEEK2_TENSORS.stream() : Stream.of())
                .map(name -> prefix + name + ".weight")
                .filter(name -> !files.hasTensor(name))
                .findFirst()
                .ifPresent(name -> {
                    throw refused(model, "its file has no " + name);
                });
    }

    private static UnsupportedOperationException refused(LlamaModel model, String why) {
        return new UnsupportedOperationException("%s cannot predict several tokens: %s".formatted(model, why));
    }
}
