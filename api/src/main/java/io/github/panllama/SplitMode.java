package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;

/** How a model is divided between several GPUs. */
public enum SplitMode {
    /** The whole model on {@link ModelOptions.Builder#mainDevice}; the other devices have nothing. */
    NONE(LlamaC.LLAMA_SPLIT_MODE_NONE()),
    /** Whole layers, with their part of the KV cache, on each GPU. */
    LAYER(LlamaC.LLAMA_SPLIT_MODE_LAYER()),
    /**
     * Layers on each GPU, and the rows of large matrices over all of them. Neither CUDA nor Vulkan can in this release of
     * llama.cpp, only SYCL and Hexagon: where a backend cannot, loading throws {@link ModelLoadException}. {@link #TENSOR}
     * is what CUDA has in its place.
     */
    ROW(LlamaC.LLAMA_SPLIT_MODE_ROW()),
    /**
     * Every tensor over all GPUs (tensor parallelism). Contexts need flash attention, and tokens are chosen on the host. Some
     * architectures cannot, DeepSeek V2 and V3 and recurrent ones among them: loading throws {@link ModelLoadException} then.
     */
    TENSOR(LlamaC.LLAMA_SPLIT_MODE_TENSOR());

    final int code;

    SplitMode(int code) {
        this.code = code;
    }
}
