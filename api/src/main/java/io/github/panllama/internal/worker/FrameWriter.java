package io.github.panllama.internal.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A frame that is being written: its type and then its fields, big endian, in the order in which a {@link FrameReader}
 * has to read them.
 *
 * <p><b>Threads.</b> One.
 */
public final class FrameWriter {
    /** The most bytes in a frame, its type included and its length not. */
    public static final int MAX_FRAME = 64 << 20;

    /** The largest type. */
    public static final int MAX_TYPE = 127;

    static final int LENGTH_BYTES = Integer.BYTES;
    private static final int FIRST_CAPACITY = 128;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] bytes = new byte[FIRST_CAPACITY];
    private int size = LENGTH_BYTES;

    /**
     * A frame without fields.
     *
     * @param type from 0 to {@link #MAX_TYPE}
     * @throws IllegalArgumentException if it is not
     */
    public FrameWriter(int type) {
        if (type < 0 || type > MAX_TYPE) {
            throw new IllegalArgumentException("type %d is not in 0..%d".formatted(type, MAX_TYPE));
        }
        putByte(type);
    }

    /** Adds one byte, the lowest of {@code value}. */
    public FrameWriter putByte(int value) {
        reserve(1);
        bytes[size] = (byte) value;
        size++;
        return this;
    }

    /** Adds a truth value. */
    public FrameWriter putBoolean(boolean value) {
        return putByte(value ? 1 : 0);
    }

    /** Adds an int. */
    public FrameWriter putInt(int value) {
        reserve(Integer.BYTES);
        INT.set(bytes, size, value);
        size += Integer.BYTES;
        return this;
    }

    /** Adds a long. */
    public FrameWriter putLong(long value) {
        reserve(Long.BYTES);
        LONG.set(bytes, size, value);
        size += Long.BYTES;
        return this;
    }

    /** Adds a float, NaN as one of them. */
    public FrameWriter putFloat(float value) {
        return putInt(Float.floatToIntBits(value));
    }

    /** Adds a double, NaN as one of them. */
    public FrameWriter putDouble(double value) {
        return putLong(Double.doubleToLongBits(value));
    }

    /**
     * Adds a text.
     *
     * @throws IllegalArgumentException if it has half of a surrogate pair, which UTF-8 cannot say
     */
    public FrameWriter putString(String text) {
        byte[] encoded = text.getBytes(UTF_8);
        if (encoded.length != text.length()) {
            requireWhole(text);
        } else {
            requireAsciiOrWhole(text, encoded);
        }
        return putBytes(encoded);
    }

    /** Adds a text, or that there is none. */
    public FrameWriter putNullableString(@Nullable String text) {
        putBoolean(text != null);
        return text == null ? this : putString(text);
    }

    /** A lone surrogate becomes one question mark, and so leaves the length as it was. */
    private static void requireAsciiOrWhole(String text, byte[] encoded) {
        for (int i = 0; i < encoded.length; i++) {
            if (encoded[i] == '?' && text.charAt(i) != '?') {
                requireWhole(text);
            }
        }
    }

    private static void requireWhole(String text) {
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (Character.isHighSurrogate(unit)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(unit)) {
                throw new IllegalArgumentException(
                        "the text has half of a surrogate pair, U+%04X, at %d".formatted((int) unit, i));
            }
        }
    }

    /** Adds bytes and how many they are. */
    public FrameWriter putBytes(byte[] values) {
        return putBytes(values, 0, values.length);
    }

    /** Adds the bytes {@code [from, to)} and how many they are. */
    public FrameWriter putBytes(byte[] values, int from, int to) {
        putInt(to - from);
        reserve(to - from);
        System.arraycopy(values, from, bytes, size, to - from);
        size += to - from;
        return this;
    }

    /** Adds ints and how many they are. */
    public FrameWriter putInts(int[] values) {
        return putInts(values, 0, values.length);
    }

    /** Adds the ints {@code [from, to)} and how many they are. */
    public FrameWriter putInts(int[] values, int from, int to) {
        putInt(to - from);
        reserve((long) (to - from) * Integer.BYTES);
        for (int i = from; i < to; i++) {
            putInt(values[i]);
        }
        return this;
    }

    /** Adds floats and how many they are. */
    public FrameWriter putFloats(float[] values) {
        putInt(values.length);
        reserve((long) values.length * Float.BYTES);
        for (float value : values) {
            putFloat(value);
        }
        return this;
    }

    /** Adds texts and how many they are. */
    public FrameWriter putStrings(List<String> texts) {
        putInt(texts.size());
        texts.forEach(this::putString);
        return this;
    }

    /** {@return the bytes so far, without those of the length before them} */
    public int size() {
        return size - LENGTH_BYTES;
    }

    /** {@return the frame as it goes over the line, its length first} */
    public byte[] toBytes() {
        finish();
        return Arrays.copyOf(bytes, size);
    }

    /** Writes the length. What {@link #array} has up to {@link #end} is then the frame. */
    void finish() {
        INT.set(bytes, 0, size());
    }

    byte[] array() {
        return bytes;
    }

    int end() {
        return size;
    }

    private void reserve(long more) {
        long needed = size + more;
        if (needed - LENGTH_BYTES > MAX_FRAME) {
            throw new IllegalArgumentException(
                    "a frame of %d bytes or more is over the limit of %d".formatted(needed - LENGTH_BYTES, MAX_FRAME));
        }
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.max(needed, Math.min(2L * bytes.length, MAX_FRAME + LENGTH_BYTES)));
        }
    }
}
