package io.github.panllama.gguf;

import org.jspecify.annotations.Nullable;

/** The types that a metadata value can have. */
public enum GgufType {
    /** Unsigned, 8 bits. */
    UINT8(0, 1),
    /** Signed, 8 bits. */
    INT8(1, 1),
    /** Unsigned, 16 bits. */
    UINT16(2, 2),
    /** Signed, 16 bits. */
    INT16(3, 2),
    /** Unsigned, 32 bits. */
    UINT32(4, 4),
    /** Signed, 32 bits. */
    INT32(5, 4),
    /** IEEE single precision. */
    FLOAT32(6, 4),
    /** One byte, 0 or 1. */
    BOOL(7, 1),
    /** UTF-8 with its length in bytes before it. */
    STRING(8, 0),
    /** A counted row of values of one type. */
    ARRAY(9, 0),
    /** Unsigned, 64 bits. */
    UINT64(10, 8),
    /** Signed, 64 bits. */
    INT64(11, 8),
    /** IEEE double precision. */
    FLOAT64(12, 8);

    private static final GgufType[] BY_ID = new GgufType[13];

    static {
        for (GgufType type : values()) {
            BY_ID[type.id] = type;
        }
    }

    private final int id;
    private final int byteSize;

    GgufType(int id, int byteSize) {
        this.id = id;
        this.byteSize = byteSize;
    }

    /**
     * The number that stands for this type in a file.
     *
     * @return 0 to 12
     */
    public int id() {
        return id;
    }

    /**
     * The size of one value.
     *
     * @return bytes, or 0 for {@link #STRING} and {@link #ARRAY}, whose values differ in size
     */
    public int byteSize() {
        return byteSize;
    }

    /**
     * Whether values of this type are whole numbers.
     *
     * @return true for the eight integer types
     */
    public boolean isInteger() {
        return byteSize > 0 && this != FLOAT32 && this != FLOAT64 && this != BOOL;
    }

    /**
     * Finds a type by its number in a file.
     *
     * @param id the number
     * @return the type, or {@code null} if no type has that number
     */
    public static @Nullable GgufType byId(int id) {
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
    }

    long minimum() {
        return switch (this) {
            case INT8 -> Byte.MIN_VALUE;
            case INT16 -> Short.MIN_VALUE;
            case INT32 -> Integer.MIN_VALUE;
            case INT64, UINT64 -> Long.MIN_VALUE; // UINT64 keeps its bits in a long
            default -> 0;
        };
    }

    long maximum() {
        return switch (this) {
            case UINT8 -> 0xFFL;
            case INT8 -> Byte.MAX_VALUE;
            case UINT16 -> 0xFFFFL;
            case INT16 -> Short.MAX_VALUE;
            case UINT32 -> 0xFFFF_FFFFL;
            case INT32 -> Integer.MAX_VALUE;
            case BOOL -> 1;
            default -> Long.MAX_VALUE;
        };
    }
}
