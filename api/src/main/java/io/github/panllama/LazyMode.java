package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;

/** When tensors of which each token uses a few rows are read row by row, on demand, from a memory-mapped file. */
public enum LazyMode {
    /** Never: the whole tensor is read while the model loads. */
    OFF(LlamaC.LLAMA_LAZY_MODE_OFF()),
    /** For such tensors larger than 4 GiB. */
    AUTO(LlamaC.LLAMA_LAZY_MODE_AUTO()),
    /** For every such tensor. */
    ON(LlamaC.LLAMA_LAZY_MODE_ON());

    final int code;

    LazyMode(int code) {
        this.code = code;
    }
}
