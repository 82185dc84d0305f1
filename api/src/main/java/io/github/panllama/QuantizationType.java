package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.gguf.GgmlType;
import java.util.Locale;
import java.util.Optional;

/**
 * What a model can be quantised to: a type for most of its tensors, and for many a recipe that gives other types to
 * those that need more bits. ({@code llama_ftype})
 *
 * <p>The bits per weight are those of a whole model of Llama 3.1 8B's shape. Small models, with a larger share of
 * embeddings and norms, come out higher; {@link Quantizer#estimate} knows the figure of any one.
 */
public enum QuantizationType {
    /** 32-bit floats, nothing lost. */
    F32(LlamaC.LLAMA_FTYPE_ALL_F32(), GgmlType.F32, 32.0, "32-bit floats"),
    /** 16-bit floats. */
    F16(LlamaC.LLAMA_FTYPE_MOSTLY_F16(), GgmlType.F16, 16.0, "16-bit floats"),
    /** 16-bit floats with the range of 32-bit ones. */
    BF16(LlamaC.LLAMA_FTYPE_MOSTLY_BF16(), GgmlType.BF16, 16.0, "16-bit floats with the range of 32-bit ones"),
    /** 8 bits, next to no loss. */
    Q8_0(LlamaC.LLAMA_FTYPE_MOSTLY_Q8_0(), GgmlType.Q8_0, 8.5, "8 bits, next to no loss"),
    /** K-quant of 6 bits. */
    Q6_K(LlamaC.LLAMA_FTYPE_MOSTLY_Q6_K(), GgmlType.Q6_K, 6.56, "6 bits, a very small loss"),
    /** K-quant of 5 bits, with 6 for some of the values and the feed-forward outputs. */
    Q5_K_M(LlamaC.LLAMA_FTYPE_MOSTLY_Q5_K_M(), GgmlType.Q5_K, 5.7, "5 bits, 6 where it helps; a small loss"),
    /** K-quant of 5 bits. */
    Q5_K_S(LlamaC.LLAMA_FTYPE_MOSTLY_Q5_K_S(), GgmlType.Q5_K, 5.57, "5 bits"),
    /** 5 bits with a minimum, in blocks of 32. */
    Q5_1(
            LlamaC.LLAMA_FTYPE_MOSTLY_Q5_1(),
            GgmlType.Q5_1,
            6.04,
            "5 bits and a minimum, for rows that K-quants do not fit"),
    /** 5 bits, in blocks of 32. */
    Q5_0(LlamaC.LLAMA_FTYPE_MOSTLY_Q5_0(), GgmlType.Q5_0, 5.57, "5 bits, for rows that K-quants do not fit"),
    /** K-quant of 4 bits, with 6 for some of the values and the feed-forward outputs. The usual choice. */
    Q4_K_M(LlamaC.LLAMA_FTYPE_MOSTLY_Q4_K_M(), GgmlType.Q4_K, 4.89, "4 bits, 6 where it helps: the usual choice"),
    /** K-quant of 4 bits. */
    Q4_K_S(LlamaC.LLAMA_FTYPE_MOSTLY_Q4_K_S(), GgmlType.Q4_K, 4.67, "4 bits, 5 where it helps most"),
    /** 4 bits on a curve, in blocks of 32. */
    IQ4_NL(
            LlamaC.LLAMA_FTYPE_MOSTLY_IQ4_NL(),
            GgmlType.IQ4_NL,
            4.68,
            "4 bits on a curve, for rows that K-quants do not fit"),
    /** 4 bits on a curve, in blocks of 256. */
    IQ4_XS(LlamaC.LLAMA_FTYPE_MOSTLY_IQ4_XS(), GgmlType.IQ4_XS, 4.46, "4 bits on a curve, smaller than Q4_K_S"),
    /** 4 bits with a minimum, in blocks of 32. */
    Q4_1(LlamaC.LLAMA_FTYPE_MOSTLY_Q4_1(), GgmlType.Q4_1, 5.1, "4 bits and a minimum"),
    /** 4 bits, in blocks of 32: simple, and the fastest on many processors. */
    Q4_0(LlamaC.LLAMA_FTYPE_MOSTLY_Q4_0(), GgmlType.Q4_0, 4.64, "4 bits, simple and fast on many processors"),
    /** 4-bit floats with common exponents for the experts of a mixture, 8 bits for the rest. */
    MXFP4_MOE(
            LlamaC.LLAMA_FTYPE_MOSTLY_MXFP4_MOE(), GgmlType.MXFP4, 8.5, "experts as 4-bit floats, 8 bits for the rest"),
    /** K-quant of 3 bits, with 4 and 5 for many tensors. */
    Q3_K_L(LlamaC.LLAMA_FTYPE_MOSTLY_Q3_K_L(), GgmlType.Q3_K, 4.3, "3 bits, 5 where it helps"),
    /** K-quant of 3 bits, with 4 for many tensors. */
    Q3_K_M(LlamaC.LLAMA_FTYPE_MOSTLY_Q3_K_M(), GgmlType.Q3_K, 4.0, "3 bits, 4 where it helps"),
    /** K-quant of 3 bits. */
    Q3_K_S(LlamaC.LLAMA_FTYPE_MOSTLY_Q3_K_S(), GgmlType.Q3_K, 3.64, "3 bits, a visible loss"),
    /** Code book of 3.4 bits, with 4 for some tensors. */
    IQ3_M(LlamaC.LLAMA_FTYPE_MOSTLY_IQ3_M(), GgmlType.IQ3_S, 3.76, "code book of 3.4 bits, 4 where it helps"),
    /** Code book of 3.4 bits. */
    IQ3_S(LlamaC.LLAMA_FTYPE_MOSTLY_IQ3_S(), GgmlType.IQ3_S, 3.66, "code book of 3.4 bits"),
    /** Code book of 3.4 bits, with 3.1 for many tensors. Needs an importance matrix. */
    IQ3_XS(LlamaC.LLAMA_FTYPE_MOSTLY_IQ3_XS(), GgmlType.IQ3_S, 3.5, "code books of 3.1 to 3.4 bits"),
    /** Code book of 3.1 bits. Needs an importance matrix. */
    IQ3_XXS(LlamaC.LLAMA_FTYPE_MOSTLY_IQ3_XXS(), GgmlType.IQ3_XXS, 3.37, "code book of 3.1 bits"),
    /** K-quant of 2 bits, with 3 and more for many tensors. */
    Q2_K(LlamaC.LLAMA_FTYPE_MOSTLY_Q2_K(), GgmlType.Q2_K, 3.16, "2 bits, 3 where it helps; a large loss"),
    /** K-quant of 2 bits. Needs an importance matrix. */
    Q2_K_S(LlamaC.LLAMA_FTYPE_MOSTLY_Q2_K_S(), GgmlType.Q2_K, 2.97, "2 bits"),
    /** Code book of 2.6 bits. Needs an importance matrix. */
    IQ2_M(LlamaC.LLAMA_FTYPE_MOSTLY_IQ2_M(), GgmlType.IQ2_S, 2.93, "code book of 2.6 bits"),
    /** Code book of 2.3 bits, with more for some tensors. Needs an importance matrix. */
    IQ2_S(LlamaC.LLAMA_FTYPE_MOSTLY_IQ2_S(), GgmlType.IQ2_XS, 2.74, "code book of 2.3 bits, more where it helps"),
    /** Code book of 2.3 bits. Needs an importance matrix. */
    IQ2_XS(LlamaC.LLAMA_FTYPE_MOSTLY_IQ2_XS(), GgmlType.IQ2_XS, 2.59, "code book of 2.3 bits"),
    /** Code book of 2.1 bits. Needs an importance matrix. */
    IQ2_XXS(LlamaC.LLAMA_FTYPE_MOSTLY_IQ2_XXS(), GgmlType.IQ2_XXS, 2.38, "code book of 2.1 bits"),
    /** Code book of 1.75 bits. Needs an importance matrix. */
    IQ1_M(
            LlamaC.LLAMA_FTYPE_MOSTLY_IQ1_M(),
            GgmlType.IQ1_M,
            2.15,
            "code book of 1.75 bits, for models that fit no other way"),
    /** Code book of 1.56 bits. Needs an importance matrix. */
    IQ1_S(
            LlamaC.LLAMA_FTYPE_MOSTLY_IQ1_S(),
            GgmlType.IQ1_S,
            2.0,
            "code book of 1.56 bits, for models that fit no other way"),
    /** Three values; for models that were trained so. */
    TQ2_0(LlamaC.LLAMA_FTYPE_MOSTLY_TQ2_0(), GgmlType.TQ2_0, 2.52, "three values, for models trained so (fast)"),
    /** Three values, packed; for models that were trained so. */
    TQ1_0(LlamaC.LLAMA_FTYPE_MOSTLY_TQ1_0(), GgmlType.TQ1_0, 2.19, "three values, for models trained so (small)"),
    /** 2 bits, in blocks of 64; for models that were trained so. */
    Q2_0(LlamaC.LLAMA_FTYPE_MOSTLY_Q2_0(), GgmlType.Q2_0, 2.68, "four values, for models trained so"),
    /** A sign each; for models that were trained so. */
    Q1_0(LlamaC.LLAMA_FTYPE_MOSTLY_Q1_0(), GgmlType.Q1_0, 1.48, "two values, for models trained so");

    final int code;
    private final GgmlType mostly;
    private final double bitsPerWeight;
    private final String description;

    QuantizationType(int code, GgmlType mostly, double bitsPerWeight, String description) {
        this.code = code;
        this.mostly = mostly;
        this.bitsPerWeight = bitsPerWeight;
        this.description = description;
    }

    /** The number that stands for this type in a file. ({@code general.file_type}) */
    public int fileType() {
        return code;
    }

    /** The type of those tensors that the recipe makes no exception for. */
    public GgmlType tensorType() {
        return mostly;
    }

    /** The size of a model of Llama 3.1 8B's shape, in bits for each of its parameters. */
    public double bitsPerWeight() {
        return bitsPerWeight;
    }

    /** What it is, in a few words. */
    public String description() {
        return description;
    }

    /**
     * Finds a type by its name, as {@link #name()} writes it or in other case; {@code Q3_K}, {@code Q4_K} and
     * {@code Q5_K} mean the medium recipes, as they do upstream.
     *
     * @return the type, or empty if none has that name
     */
    public static Optional<QuantizationType> byName(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        for (QuantizationType type : values()) {
            if (type.name().equals(upper)) {
                return Optional.of(type);
            }
        }
        return switch (upper) {
            case "Q3_K" -> Optional.of(Q3_K_M);
            case "Q4_K" -> Optional.of(Q4_K_M);
            case "Q5_K" -> Optional.of(Q5_K_M);
            default -> Optional.empty();
        };
    }
}
