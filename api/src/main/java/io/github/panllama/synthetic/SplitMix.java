package io.github.panllama.synthetic;

/** Random bits that are the same everywhere: SplitMix64. */
final class SplitMix {
    /** What the state grows by from one number to the next. */
    static final long STEP = 0x9E37_79B9_7F4A_7C15L;

    private SplitMix() {}

    /** A state to begin with, of its own for each seed and name. */
    static long seed(long seed, String name) {
        return mix(seed ^ hash(name));
    }

    /** 64 random bits of a state. */
    static long mix(long state) {
        long z = (state ^ state >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ z >>> 27) * 0x94D0_49BB_1331_11EBL;
        return z ^ z >>> 31;
    }

    /** FNV-1a over the characters. */
    private static long hash(String name) {
        long hash = 0xCBF2_9CE4_8422_2325L;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100_0000_01B3L;
        }
        return hash;
    }
}
