package io.github.panllama.gguf;

import org.jspecify.annotations.Nullable;

/**
 * How the numbers of a tensor are stored: plain numbers, or blocks of quantised ones.
 *
 * <p>A row is a whole number of blocks. Ids, names and sizes are those of {@code ggml_type} in the pinned llama.cpp;
 * ids that ggml once used and took back are not here.
 */
public enum GgmlType {
    /** 32-bit float. */
    F32(0, "f32", 1, 4),
    /** 16-bit IEEE float. */
    F16(1, "f16", 1, 2),
    /** 4 bits and a scale. */
    Q4_0(2, "q4_0", 32, 18),
    /** 4 bits, a scale and a minimum. */
    Q4_1(3, "q4_1", 32, 20),
    /** 5 bits and a scale. */
    Q5_0(6, "q5_0", 32, 22),
    /** 5 bits, a scale and a minimum. */
    Q5_1(7, "q5_1", 32, 24),
    /** 8 bits and a scale. */
    Q8_0(8, "q8_0", 32, 34),
    /** 8 bits, a scale and a sum; for intermediate results. */
    Q8_1(9, "q8_1", 32, 36),
    /** K-quant of 2 bits. */
    Q2_K(10, "q2_K", 256, 84),
    /** K-quant of 3 bits. */
    Q3_K(11, "q3_K", 256, 110),
    /** K-quant of 4 bits. */
    Q4_K(12, "q4_K", 256, 144),
    /** K-quant of 5 bits. */
    Q5_K(13, "q5_K", 256, 176),
    /** K-quant of 6 bits. */
    Q6_K(14, "q6_K", 256, 210),
    /** K-quant of 8 bits; for intermediate results. */
    Q8_K(15, "q8_K", 256, 292),
    /** Code book, 2.06 bits. */
    IQ2_XXS(16, "iq2_xxs", 256, 66),
    /** Code book, 2.31 bits. */
    IQ2_XS(17, "iq2_xs", 256, 74),
    /** Code book, 3.06 bits. */
    IQ3_XXS(18, "iq3_xxs", 256, 98),
    /** Code book, 1.56 bits. */
    IQ1_S(19, "iq1_s", 256, 50),
    /** 4 bits on a curve. */
    IQ4_NL(20, "iq4_nl", 32, 18),
    /** Code book, 3.44 bits. */
    IQ3_S(21, "iq3_s", 256, 110),
    /** Code book, 2.56 bits. */
    IQ2_S(22, "iq2_s", 256, 82),
    /** 4 bits on a curve, large blocks. */
    IQ4_XS(23, "iq4_xs", 256, 136),
    /** 8-bit integer. */
    I8(24, "i8", 1, 1),
    /** 16-bit integer. */
    I16(25, "i16", 1, 2),
    /** 32-bit integer. */
    I32(26, "i32", 1, 4),
    /** 64-bit integer. */
    I64(27, "i64", 1, 8),
    /** 64-bit float. */
    F64(28, "f64", 1, 8),
    /** Code book, 1.75 bits. */
    IQ1_M(29, "iq1_m", 256, 56),
    /** The upper half of a 32-bit float. */
    BF16(30, "bf16", 1, 2),
    /** Ternary, 1.69 bits. */
    TQ1_0(34, "tq1_0", 256, 54),
    /** Ternary, 2.06 bits. */
    TQ2_0(35, "tq2_0", 256, 66),
    /** Microscaling 4-bit float. */
    MXFP4(39, "mxfp4", 32, 17),
    /** 4-bit float in groups of 16, each with an 8-bit float scale. */
    NVFP4(40, "nvfp4", 64, 36),
    /** Sign and a scale. */
    Q1_0(41, "q1_0", 128, 18),
    /** 2 bits and a scale. */
    Q2_0(42, "q2_0", 64, 18);

    private static final @Nullable GgmlType[] BY_ID = new @Nullable GgmlType[43];

    static {
        for (GgmlType type : values()) {
            BY_ID[type.id] = type;
        }
    }

    private final int id;
    private final String ggmlName;
    private final int blockSize;
    private final int typeSize;

    GgmlType(int id, String ggmlName, int blockSize, int typeSize) {
        this.id = id;
        this.ggmlName = ggmlName;
        this.blockSize = blockSize;
        this.typeSize = typeSize;
    }

    /**
     * The number that stands for this type in a file.
     *
     * @return the {@code ggml_type}
     */
    public int id() {
        return id;
    }

    /**
     * The name as ggml prints it.
     *
     * @return {@code ggml_type_name}, such as {@code q4_K}
     */
    public String ggmlName() {
        return ggmlName;
    }

    /**
     * How many numbers one block holds.
     *
     * @return {@code ggml_blck_size}; 1 for types without blocks
     */
    public int blockSize() {
        return blockSize;
    }

    /**
     * How large one block is.
     *
     * @return {@code ggml_type_size}, in bytes
     */
    public int typeSize() {
        return typeSize;
    }

    /**
     * Whether numbers share a scale in blocks.
     *
     * @return true for every type whose block holds more than one number
     */
    public boolean isQuantized() {
        return blockSize > 1;
    }

    /**
     * Storage cost of one number.
     *
     * @return bits, fractions included
     */
    public double bitsPerWeight() {
        return 8.0 * typeSize / blockSize;
    }

    /**
     * The size of numbers that fill whole blocks.
     *
     * @param elements how many numbers
     * @return bytes
     * @throws IllegalArgumentException if {@code elements} is negative or not a multiple of {@link #blockSize()}
     * @throws ArithmeticException if the size does not fit a {@code long}
     */
    public long byteSize(long elements) {
        if (elements < 0 || elements % blockSize != 0) {
            throw new IllegalArgumentException(
                    elements + " numbers are not a whole count of " + ggmlName + " blocks of " + blockSize);
        }
        return Math.multiplyExact(elements / blockSize, (long) typeSize);
    }

    /**
     * Finds a type by its number in a file.
     *
     * @param id the number
     * @return the type, or {@code null} if ggml has none of that number any more
     */
    public static @Nullable GgmlType byId(int id) {
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
    }
}
