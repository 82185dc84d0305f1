package io.github.panllama.training.corpus;

import java.nio.charset.StandardCharsets;

/**
 * Which instances are kept from training: one in sixteen, decided by a hash of the instance's key alone. A key names
 * what an answer depends on, not how it is asked for: the operands of a calculation, the values of a recall, and the
 * letters and digits of a question that is answered from knowledge. So an instance is held out from all skills at the same time.
 */
public final class HeldOut {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private HeldOut() {}

    /**
     * Whether an instance is kept from training.
     *
     * @param key the instance
     * @return true for one key in sixteen
     */
    public static boolean contains(String key) {
        long hash = FNV_OFFSET;
        for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * FNV_PRIME;
        }
        hash = (hash ^ (hash >>> 32)) * MIX; // FNV's low bits see only the low bits of each byte
        return hash >>> 60 == 0;
    }
}
