package io.github.panllama.gguf;

import java.util.Set;

/** Layers that predict further tokens, behind a model's own. */
final class PredictionRules {
    /** Those whose own layers may be in another file, as llama.cpp loads them, though no context can do without. */
    static final Set<String> OPTIONAL_LAYERS = Set.of(
            "bailingmoe3",
            "cohere2moe",
            "deepseek2",
            "deepseek32",
            "deepseek4",
            "glm-dsa",
            "glm4moe",
            "hy_v3",
            "mistral4",
            "qwen35",
            "qwen35moe",
            "qwen3next",
            "step35");

    private static final String FIRST = "blk.0.attn_norm.weight";

    private PredictionRules() {}

    /** A context of a model that is nothing but predicting layers would compute with tensors that are not there. */
    static void ownLayers(ModelHeader header) {
        String key = header.own("nextn_predict_layers");
        long predicting = header.whole(key).orElse(0);
        if (predicting > 0
                && header.tensor("token_embd.weight").isPresent()
                && header.tensor(FIRST).isEmpty()) {
            throw header.invalid(
                    key,
                    "is %d, and there is no tensor %s: the file has the predicting layers of a model alone, which can only"
                                    .formatted(predicting, FIRST)
                            + " be used together with its others");
        }
    }
}
