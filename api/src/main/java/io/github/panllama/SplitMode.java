package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;

/** How a model is divided between several GPUs. */
public enum SplitMode {
    /** The whole model on {@link ModelOptions.Builder#mainDevice}. */
    NONE(LlamaC.LLAMA_SPLIT_MODE_NONE()),
    /** Whole layers, with their part of the KV cache, on each GPU. */
    LAYER(LlamaC.LLAMA_SPLIT_MODE_LAYER()),
    /** Layers on each GPU, and the rows of large matrices over all of them where the backend can. */
    ROW(LlamaC.LLAMA_SPLIT_MODE_ROW()),
    /** Every tensor over all GPUs (tensor parallelism); needs flash attention. */
    TENSOR(LlamaC.LLAMA_SPLIT_MODE_TENSOR());

    final int code;

    SplitMode(int code) {
        this.code = code;
    }
}
