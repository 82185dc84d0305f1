package io.github.panllama.gguf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/** An array of numbers or booleans, kept as the little-endian bytes of the file. */
final class FixedArray extends GgufValue.Array {
    private final GgufType elementType;
    private final byte[] bytes;
    private final ByteBuffer data;

    FixedArray(GgufType elementType, byte[] bytes) {
        this.elementType = elementType;
        this.bytes = bytes;
        this.data = littleEndian(bytes);
    }

    static FixedArray of(GgufType type, long[] values) {
        if (!type.isInteger() && type != GgufType.BOOL) {
            throw new IllegalArgumentException(type + " holds no whole numbers");
        }
        byte[] bytes = allocate(type, values.length);
        ByteBuffer buffer = littleEndian(bytes);
        for (long value : values) {
            if (value < type.minimum() || value > type.maximum()) {
                throw new IllegalArgumentException(value + " is outside " + type);
            }
            switch (type.byteSize()) {
                case 1 -> buffer.put((byte) value);
                case 2 -> buffer.putShort((short) value);
                case 4 -> buffer.putInt((int) value);
                default -> buffer.putLong(value);
            }
        }
        return new FixedArray(type, bytes);
    }

    static FixedArray of(int[] values) {
        byte[] bytes = allocate(GgufType.INT32, values.length);
        littleEndian(bytes).asIntBuffer().put(values);
        return new FixedArray(GgufType.INT32, bytes);
    }

    static FixedArray of(float[] values) {
        byte[] bytes = allocate(GgufType.FLOAT32, values.length);
        littleEndian(bytes).asFloatBuffer().put(values);
        return new FixedArray(GgufType.FLOAT32, bytes);
    }

    static FixedArray of(double[] values) {
        byte[] bytes = allocate(GgufType.FLOAT64, values.length);
        littleEndian(bytes).asDoubleBuffer().put(values);
        return new FixedArray(GgufType.FLOAT64, bytes);
    }

    private static byte[] allocate(GgufType type, int count) {
        return new byte[Math.multiplyExact(count, type.byteSize())];
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    ByteBuffer raw() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    @Override
    public GgufType elementType() {
        return elementType;
    }

    @Override
    public int size() {
        return bytes.length / elementType.byteSize();
    }

    @Override
    public GgufValue get(int index) {
        return switch (elementType) {
            case BOOL -> new GgufValue.Bool(longAt(index) != 0);
            case FLOAT32, FLOAT64 -> new GgufValue.Real(elementType, doubleAt(index));
            default -> new GgufValue.Whole(elementType, longAt(index));
        };
    }

    @Override
    public long longAt(int index) {
        int at = Objects.checkIndex(index, size()) * elementType.byteSize();
        return switch (elementType) {
            case UINT8 -> Byte.toUnsignedInt(bytes[at]);
            case BOOL -> bytes[at] == 0 ? 0 : 1;
            case INT8 -> bytes[at];
            case UINT16 -> Short.toUnsignedInt(data.getShort(at));
            case INT16 -> data.getShort(at);
            case UINT32 -> Integer.toUnsignedLong(data.getInt(at));
            case INT32 -> data.getInt(at);
            case UINT64, INT64 -> data.getLong(at);
            default -> super.longAt(index);
        };
    }

    @Override
    public double doubleAt(int index) {
        int at = Objects.checkIndex(index, size()) * elementType.byteSize();
        return switch (elementType) {
            case FLOAT32 -> data.getFloat(at);
            case FLOAT64 -> data.getDouble(at);
            default -> longAt(index);
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FixedArray that && elementType == that.elementType && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * elementType.hashCode() + Arrays.hashCode(bytes);
    }
}
