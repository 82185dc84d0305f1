package io.github.panllama.synthetic;

import java.nio.charset.StandardCharsets;

/**
 * The visible characters that stand for bytes in a byte-level BPE vocabulary, as GPT-2 introduced them: a printable
 * Latin-1 byte stands for itself, the others are counted up from U+0100.
 */
final class ByteAlphabet {
    private static final String CHARACTERS = characters();

    private ByteAlphabet() {}

    private static String characters() {
        var text = new StringBuilder(256);
        int next = 256;
        for (int b = 0; b < 256; b++) {
            boolean visible = (b >= '!' && b <= '~') || (b >= 0xA1 && b != 0xAD);
            text.append((char) (visible ? b : next++));
        }
        return text.toString();
    }

    /** The character of a byte given as 0 to 255. */
    static String of(int b) {
        return CHARACTERS.substring(b, b + 1);
    }

    /** A text's UTF-8 bytes in these characters. */
    static String encode(String text) {
        var result = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            result.append(CHARACTERS.charAt(b & 0xFF));
        }
        return result.toString();
    }

    /** The bytes that a token's characters stand for. */
    static byte[] decode(String token) {
        byte[] result = new byte[token.length()];
        for (int i = 0; i < result.length; i++) {
            int b = CHARACTERS.indexOf(token.charAt(i));
            if (b < 0) {
                throw new IllegalArgumentException("'" + token + "' is not made of byte characters");
            }
            result[i] = (byte) b;
        }
        return result;
    }
}
