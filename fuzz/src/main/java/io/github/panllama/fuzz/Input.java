package io.github.panllama.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Takes numbers and pieces off the bytes that a target is fed with. After their end, numbers are 0 and pieces are empty. */
public final class Input {
    private final byte[] bytes;
    private int at;

    /** All of the bytes, which are not copied. */
    public Input(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The next byte, 0 to 255. */
    public int uint8() {
        return at < bytes.length ? Byte.toUnsignedInt(bytes[at++]) : 0;
    }

    /** A number from 0 to {@code bound} - 1, of one byte. */
    public int below(int bound) {
        return uint8() % bound;
    }

    /** A number of 32 bits, big-endian. */
    public int int32() {
        int value = 0;
        for (int i = 0; i < Integer.BYTES; i++) {
            value = (value << 8) | uint8();
        }
        return value;
    }

    /** The next so many bytes; fewer at the end. */
    public byte[] bytes(int count) {
        byte[] piece = Arrays.copyOfRange(bytes, at, at + Math.min(count, bytes.length - at));
        at += piece.length;
        return piece;
    }

    /** All that is left. */
    public byte[] rest() {
        return bytes(bytes.length);
    }

    /** All that is left, as UTF-8; what is none is U+FFFD. */
    public String text() {
        return new String(rest(), StandardCharsets.UTF_8);
    }

    /** Whether nothing is left. */
    public boolean isEmpty() {
        return at == bytes.length;
    }

    /** Bytes behind a first one, as targets are fed that begin with a choice. */
    public static byte[] with(int first, byte[] rest) {
        byte[] all = new byte[rest.length + 1];
        all[0] = (byte) first;
        System.arraycopy(rest, 0, all, 1, rest.length);
        return all;
    }

    /** A text in UTF-8, behind a first byte. */
    public static byte[] with(int first, String text) {
        return with(first, text(text));
    }

    /** A text in UTF-8. */
    public static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
