package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.gguf.GgmlType;

/** The number format of a KV cache. */
public enum KvCacheType {
    /** 32-bit floats. */
    F32(LlamaC.GGML_TYPE_F32(), GgmlType.F32),
    /** 16-bit floats. */
    F16(LlamaC.GGML_TYPE_F16(), GgmlType.F16),
    /** 16-bit floats with the range of 32-bit ones. */
    BF16(LlamaC.GGML_TYPE_BF16(), GgmlType.BF16),
    /** 8.5 bits a value: 47 % smaller than {@link #F16}. */
    Q8_0(LlamaC.GGML_TYPE_Q8_0(), GgmlType.Q8_0),
    /** 6 bits a value. */
    Q5_1(LlamaC.GGML_TYPE_Q5_1(), GgmlType.Q5_1),
    /** 5.5 bits a value. */
    Q5_0(LlamaC.GGML_TYPE_Q5_0(), GgmlType.Q5_0),
    /** 5 bits a value. */
    Q4_1(LlamaC.GGML_TYPE_Q4_1(), GgmlType.Q4_1),
    /** 4.5 bits a value. */
    Q4_0(LlamaC.GGML_TYPE_Q4_0(), GgmlType.Q4_0),
    /** 4.5 bits a value, on a scale that is not linear. */
    IQ4_NL(LlamaC.GGML_TYPE_IQ4_NL(), GgmlType.IQ4_NL);

    final int code;
    private final GgmlType format;

    KvCacheType(int code, GgmlType format) {
        this.code = code;
        this.format = format;
    }

    /** Whether values are stored in blocks with a common scale. A quantised V cache needs flash attention. */
    public boolean isQuantized() {
        return format.isQuantized();
    }

    double bytesPerValue() {
        return format.bitsPerWeight() / Byte.SIZE;
    }
}
