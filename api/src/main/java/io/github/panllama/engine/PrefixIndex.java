package io.github.panllama.engine;

import java.util.LinkedHashSet;

/**
 * How prompts begin that were computed lately: a hash for each block of {@value #BLOCK} tokens and all before it. What was
 * used longest ago is forgotten first. A hash may be that of another beginning; then a prompt is placed worse, no more.
 *
 * <p><b>Threads.</b> One at a time.
 */
final class PrefixIndex {
    /** Tokens of a block. */
    static final int BLOCK = 32;

    private static final long ODD = 0x9E3779B97F4A7C15L;

    private final int mostBlocks;
    private final LinkedHashSet<Long> blocks = new LinkedHashSet<>();

    /**
     * An index.
     *
     * @param tokens that it knows at most
     */
    PrefixIndex(int tokens) {
        mostBlocks = Math.max(1, tokens / BLOCK);
    }

    /**
     * The hashes of the blocks that a prompt begins with. Its last token counts for none, since it is always computed.
     *
     * @param seed tells prompts apart that are computed differently
     */
    static long[] chain(int[] prompt, long seed) {
        long[] chain = new long[Math.max(0, prompt.length - 1) / BLOCK];
        long hash = seed;
        for (int i = 0; i < chain.length; i++) {
            for (int j = i * BLOCK; j < (i + 1) * BLOCK; j++) {
                hash = (hash ^ prompt[j]) * ODD;
                hash ^= hash >>> 32;
            }
            chain[i] = hash;
        }
        return chain;
    }

    /** How many tokens of a prompt were computed lately. */
    int common(long[] chain) {
        int count = 0;
        while (count < chain.length && blocks.contains(chain[count])) {
            count++;
        }
        return count * BLOCK;
    }

    /** A prompt is computed. */
    void add(long[] chain) {
        // The first blocks last: the others are of no use without them.
        for (int i = chain.length - 1; i >= 0; i--) {
            blocks.addLast(chain[i]);
        }
        while (blocks.size() > mostBlocks) {
            blocks.removeFirst();
        }
    }
}
