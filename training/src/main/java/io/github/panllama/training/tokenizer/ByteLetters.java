package io.github.panllama.training.tokenizer;

/** GPT-2's letters for bytes: printable ones stand for themselves, the others for letters from U+0100 on. */
final class ByteLetters {
    private static final char[] LETTERS = new char[256];

    static {
        char next = 0x100;
        for (int b = 0; b < LETTERS.length; b++) {
            boolean printable = (b > 0x20 && b < 0x7F) || (b >= 0xA1 && b != 0xAD);
            LETTERS[b] = printable ? (char) b : next++;
        }
    }

    private ByteLetters() {}

    static char letter(int b) {
        return LETTERS[b];
    }
}
