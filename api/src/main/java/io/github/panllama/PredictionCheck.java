package io.github.panllama;

import io.github.panllama.gguf.GgufType;
import io.github.panllama.gguf.GgufValue;
import java.util.List;
import java.util.Optional;
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

    /** Those whose predicting layer has to have experts. */
    private static final Set<String> WITH_EXPERTS = Set.of("deepseek2", "deepseek32", "glm-dsa", "glm4moe");

    /** Those that begin with what another model has computed, which no batch can have. */
    private static final Set<String> OF_ANOTHER = Set.of("dflash", "eagle3", "gemma4-assistant");

    private PredictionCheck() {}

    /** Refuses a context of a model that only drafts for another one. */
    static void ofItsOwn(LlamaModel model) {
        if (OF_ANOTHER.contains(model.architecture())) {
            throw new UnsupportedOperationException(
                    "%s, of the architecture %s, drafts for another model from what that one has computed, and makes no"
                                    .formatted(model, model.architecture())
                            + " contexts of its own; a model that drafts by itself can be a draftModel");
        }
    }

    static void check(LlamaModel model) {
        ModelFiles files = model.modelFiles();
        int layers = files.figure("nextn_predict_layers");
        if (layers > 0 && !model.hasPredictionLayers()) {
            throw refused(model, "it was loaded without the layers for that; see multiTokenPrediction of ModelOptions");
        }
        problem(files).ifPresent(why -> {
            throw refused(model, why);
        });
    }

    /** What of a model's files llama.cpp would end the process over. */
    static Optional<String> problem(ModelFiles files) {
        String architecture = files.architecture();
        int layers = files.figure("nextn_predict_layers");
        if (layers == 0) {
            return Optional.of("it has no layers for that");
        }
        if (layers > 1 || !ARCHITECTURES.contains(architecture)) {
            return Optional.of("%d layers of %s predict; it can be one, of %s"
                    .formatted(
                            layers,
                            architecture,
                            ARCHITECTURES.stream().sorted().toList()));
        }
        return lacking(files)
                .or(() -> experts(files))
                .or(() -> temperature(files))
                .or(() -> recurrent(files));
    }

    private static Optional<String> lacking(ModelFiles files) {
        String prefix = "blk." + last(files) + '.';
        boolean listed = files.architecture().equals("deepseek2");
        return Stream.concat(TENSORS.stream(), listed ? DEEPSEEK2_TENSORS.stream() : Stream.of())
                .map(name -> prefix + name + ".weight")
                .filter(name -> !files.hasTensor(name))
                .findFirst()
                .map(name -> "its file has no " + name);
    }

    private static int last(ModelFiles files) {
        return files.figure("block_count") - 1;
    }

    private static Optional<String> experts(ModelFiles files) {
        String key = "leading_dense_block_count";
        int dense = files.figure(key);
        return WITH_EXPERTS.contains(files.architecture()) && dense > last(files)
                ? Optional.of(
                        "%s.%s is %d, so that the layer for that has no experts, which it needs: must be at most %d"
                                .formatted(files.architecture(), key, dense, last(files)))
                : Optional.empty();
    }

    private static Optional<String> temperature(ModelFiles files) {
        String key = files.architecture() + ".attention.temperature_scale";
        Object scale = files.overrides().values().get(key);
        if (scale == null && files.metadata().find(key).orElse(null) instanceof GgufValue.Real real) {
            scale = real.value();
        }
        return files.architecture().equals("deepseek2") && scale instanceof Double number && number != 0
                ? Optional.of("%s is %s, must be 0 for that".formatted(key, number))
                : Optional.empty();
    }

    /** A layer that keeps a state has no attention, which predicting is made of. */
    private static Optional<String> recurrent(ModelFiles files) {
        String key = files.architecture() + ".attention.recurrent_layers";
        return files.metadata().find(key).orElse(null) instanceof GgufValue.Array layers
                        && last(files) < layers.size()
                        && (layers.elementType() == GgufType.BOOL
                                || layers.elementType().isInteger())
                        && layers.longAt(last(files)) != 0
                ? Optional.of("%s says that the layer for that keeps a state".formatted(key))
                : Optional.empty();
    }

    private static UnsupportedOperationException refused(LlamaModel model, String why) {
        return new UnsupportedOperationException("%s cannot predict several tokens: %s".formatted(model, why));
    }
}
