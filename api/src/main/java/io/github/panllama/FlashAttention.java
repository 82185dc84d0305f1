package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;

/** When to compute attention by the flash attention algorithm. */
public enum FlashAttention {
    /** Where the devices support it. */
    AUTO(LlamaC.LLAMA_FLASH_ATTN_TYPE_AUTO()),
    /** Never. A quantised V cache is then not possible. */
    DISABLED(LlamaC.LLAMA_FLASH_ATTN_TYPE_DISABLED()),
    /** Always. */
    ENABLED(LlamaC.LLAMA_FLASH_ATTN_TYPE_ENABLED());

    final int code;

    FlashAttention(int code) {
        this.code = code;
    }
}
