package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;

/** How rotary position embeddings are stretched past the length a model was trained on. */
public enum RopeScaling {
    /** As the model says. */
    UNSPECIFIED(LlamaC.LLAMA_ROPE_SCALING_TYPE_UNSPECIFIED()),
    /** Not at all. */
    NONE(LlamaC.LLAMA_ROPE_SCALING_TYPE_NONE()),
    /** All frequencies alike. */
    LINEAR(LlamaC.LLAMA_ROPE_SCALING_TYPE_LINEAR()),
    /** YaRN: low frequencies more than high ones. */
    YARN(LlamaC.LLAMA_ROPE_SCALING_TYPE_YARN()),
    /** LongRoPE: by the factors that the model brings. */
    LONG_ROPE(LlamaC.LLAMA_ROPE_SCALING_TYPE_LONGROPE());

    final int code;

    RopeScaling(int code) {
        this.code = code;
    }
}
