package io.github.panllama.gguf;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds the first string of a vocabulary that llama.cpp takes for an earlier one. It reads strings to their first NUL, and
 * gives those without a byte a name of their own. No objects are made for the strings: vocabularies have 150,000. Only where
 * many of them have the same hash, as of a file that is made for it, they become objects of a set that does not mind.
 */
final class RepeatedText {
    private static final int EMPTY = -1;

    /** Past places of the table that are taken, for each string: less than one on average where hashes are as good as random. */
    private static final long MAX_STEPS = 4;

    private static final long MIN_STEPS = 64;

    private final TextArray texts;
    private final int[] table;
    private final int[] hashes;
    private final int factor = ThreadLocalRandom.current().nextInt() | 1;
    private long steps;
    private byte[] bytes;
    private int start;
    private int end;

    private RepeatedText(TextArray texts) {
        this.texts = texts;
        this.table = new int[Integer.highestOneBit(Math.max(1, texts.size())) << 2];
        this.hashes = new int[texts.size()];
        this.bytes = texts.bytes();
        Arrays.fill(table, EMPTY);
    }

    /** The index of the repeating string, or -1. */
    static int find(TextArray texts) {
        RepeatedText repeated = new RepeatedText(texts);
        for (int i = 0; i < texts.size(); i++) {
            if (!repeated.add(i)) {
                return i;
            }
            if (repeated.steps > MIN_STEPS + MAX_STEPS * texts.size()) {
                return repeated.findByOrder();
            }
        }
        return -1;
    }

    /** A set of strings is a tree where their hashes are the same. */
    private int findByOrder() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < texts.size(); i++) {
            select(i);
            if (!seen.add(new String(bytes, start, end - start, StandardCharsets.ISO_8859_1))) {
                return i;
            }
        }
        return -1;
    }

    private boolean add(int index) {
        int hash = select(index);
        hashes[index] = hash;
        int at = hash & (table.length - 1);
        while (table[at] != EMPTY) {
            steps++;
            if (hashes[table[at]] == hash && isEqual(index, table[at])) {
                return false;
            }
            at = (at + 1) & (table.length - 1);
        }
        table[at] = index;
        return true;
    }

    private boolean isEqual(int index, int other) {
        select(index);
        byte[] chosen = bytes;
        int from = start;
        int to = end;
        select(other);
        return Arrays.equals(chosen, from, to, bytes, start, end);
    }

    /** Finds the bytes of a string as C reads it, and answers their hash. */
    private int select(int index) {
        bytes = texts.bytes();
        start = texts.start(index);
        int hash = hash(texts.end(index));
        if (end == start) {
            bytes = ("[EMPTY_" + index + "]").getBytes(StandardCharsets.UTF_8);
            start = 0;
            hash = hash(bytes.length);
        }
        return hash;
    }

    private int hash(int limit) {
        byte[] from = bytes;
        int hash = 0;
        int i = start;
        while (i < limit && from[i] != 0) {
            hash = hash * factor + from[i++];
        }
        end = i;
        return hash ^ (hash >>> 15);
    }
}
