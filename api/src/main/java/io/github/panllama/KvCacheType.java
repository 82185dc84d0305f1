package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;

/** The number format of a KV cache. */
public enum KvCacheType {
    /** 32-bit floats. */
    F32(LlamaC.GGML_TYPE_F32(), false),
    /** 16-bit floats. */
    F16(LlamaC.GGML_TYPE_F16(), false),
    /** 16-bit floats with the range of 32-bit ones. */
    BF16(LlamaC.GGML_TYPE_BF16(), false),
    /** 8.5 bits a value: 47 % smaller than {@link #F16}. */
    Q8_0(LlamaC.GGML_TYPE_Q8_0(), true),
    /** 6 bits a value. */
    Q5_1(LlamaC.GGML_TYPE_Q5_1(), true),
    /** 5.5 bits a value. */
    Q5_0(LlamaC.GGML_TYPE_Q5_0(), true),
    /** 5 bits a value. */
    Q4_1(LlamaC.GGML_TYPE_Q4_1(), true),
    /** 4.5 bits a value. */
    Q4_0(LlamaC.GGML_TYPE_Q4_0(), true),
    /** 4.5 bits a value, on a scale that is not linear. */
    IQ4_NL(LlamaC.GGML_TYPE_IQ4_NL(), true);

    final int code;
    private final boolean quantized;

    KvCacheType(int code, boolean quantized) {
        this.code = code;
        this.quantized = quantized;
    }

    /** Whether values are stored in blocks with a common scale. A quantised V cache needs flash attention. */
    public boolean isQuantized() {
        return quantized;
    }
}
