package io.github.panllama.gguf;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds the first string of a vocabulary that llama.cpp takes for an earlier one. It reads strings to their first NUL, and
 * gives those without a byte a name of their own. No objects are made for the strings: vocabularies have 150,000.
 */
final class RepeatedText {
    private static final int EMPTY = -1;

    private final TextArray texts;
    private final int[] table;
    private final int factor =
            ThreadLocalRandom.current().nextInt() | 1; // so that nobody can choose texts that collide
    private byte[] bytes;
    private int start;
    private int end;

    private RepeatedText(TextArray texts) {
        this.texts = texts;
        this.table = new int[Integer.highestOneBit(Math.max(1, texts.size())) << 2];
        this.bytes = texts.bytes();
        Arrays.fill(table, EMPTY);
    }

    /** The index of the repeating string, or -1. */
    static int find(TextArray texts) {
        return new RepeatedText(texts).find();
    }

    private int find() {
        for (int i = 0; i < texts.size(); i++) {
            select(i);
            byte[] chosen = bytes;
            int from = start;
            int to = end;
            int at = hash() & (table.length - 1);
            while (table[at] != EMPTY) {
                select(table[at]);
                if (Arrays.equals(chosen, from, to, bytes, start, end)) {
                    return i;
                }
                at = (at + 1) & (table.length - 1);
            }
            table[at] = i;
        }
        return -1;
    }

    private void select(int index) {
        bytes = texts.bytes();
        start = texts.start(index);
        end = start;
        while (end < texts.end(index) && bytes[end] != 0) {
            end++;
        }
        if (end == start) {
            bytes = ("[EMPTY_" + index + "]").getBytes(StandardCharsets.UTF_8);
            start = 0;
            end = bytes.length;
        }
    }

    private int hash() {
        int hash = 0;
        for (int i = start; i < end; i++) {
            hash = hash * factor + bytes[i];
        }
        return hash ^ (hash >>> 15);
    }
}
