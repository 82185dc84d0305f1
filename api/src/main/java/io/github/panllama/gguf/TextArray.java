package io.github.panllama.gguf;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** An array of strings, kept as their joined UTF-8 bytes: a vocabulary of 150,000 entries is two Java objects. */
final class TextArray extends GgufValue.Array {
    private final byte[] bytes;

    /** Where each string ends in {@link #bytes}. */
    private final int[] ends;

    private TextArray(byte[] bytes, int[] ends) {
        this.bytes = bytes;
        this.ends = ends;
    }

    static TextArray of(List<String> values) {
        var builder = new Builder(values.size());
        for (String value : values) {
            byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
            System.arraycopy(utf8, 0, builder.reserve(utf8.length), builder.start(), utf8.length);
        }
        return builder.build();
    }

    ByteBuffer raw(int index) {
        int start = start(index);
        return ByteBuffer.wrap(bytes, start, ends[index] - start).asReadOnlyBuffer();
    }

    /** The UTF-8 bytes of all strings, one after the other. */
    byte[] bytes() {
        return bytes;
    }

    /** The index of the first string of more bytes, or -1. */
    int longerThan(int most) {
        int start = 0;
        for (int i = 0; i < ends.length; i++) {
            if (ends[i] - start > most) {
                return i;
            }
            start = ends[i];
        }
        return -1;
    }

    /** Where a string ends in {@link #bytes()}. */
    int end(int index) {
        return ends[index];
    }

    /** Where a string begins in {@link #bytes()}. */
    int start(int index) {
        return Objects.checkIndex(index, ends.length) == 0 ? 0 : ends[index - 1];
    }

    @Override
    public GgufType elementType() {
        return GgufType.STRING;
    }

    @Override
    public int size() {
        return ends.length;
    }

    @Override
    public GgufValue get(int index) {
        return new GgufValue.Text(stringAt(index));
    }

    @Override
    public String stringAt(int index) {
        int start = start(index);
        return new String(bytes, start, ends[index] - start, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TextArray that && Arrays.equals(ends, that.ends) && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(ends) + Arrays.hashCode(bytes);
    }

    /** Collects a known number of strings. */
    static final class Builder {
        private final int[] ends;
        private byte[] bytes;
        private int count;

        Builder(int count) {
            this.ends = new int[count];
            this.bytes = new byte[Math.max(16, (int) Math.min(8L * count, 1 << 20))];
        }

        /**
         * Makes room for the next string, which the caller then writes.
         *
         * @param length its length in bytes
         * @return where to write, from {@link #start()} on
         */
        byte[] reserve(int length) {
            int start = count == 0 ? 0 : ends[count - 1];
            int end = Math.addExact(start, length);
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(end, 2L * bytes.length)));
            }
            ends[count++] = end;
            return bytes;
        }

        /**
         * Where the string that was last reserved begins.
         *
         * @return an index into the array that {@link #reserve} gave
         */
        int start() {
            return count == 1 ? 0 : ends[count - 2];
        }

        TextArray build() {
            int length = ends.length == 0 ? 0 : ends[ends.length - 1];
            return new TextArray(Arrays.copyOf(bytes, length), ends);
        }
    }
}
