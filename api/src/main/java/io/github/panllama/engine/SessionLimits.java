package io.github.panllama.engine;

import io.github.panllama.KvCacheType;
import io.github.panllama.LlamaModel;

/**
 * What the file of a session may unpack to. What is in it is not known to be this library's until all of it was read, and
 * a few bytes can ask for a thousand times as many.
 *
 * @param tokens the most of a conversation
 * @param room the most that a state can be of and be used, in tokens
 * @param memory the most that a state can have and be used, in bytes
 * @param bytesPerToken what a state can have for each of its tokens; 0 where that is not known
 */
record SessionLimits(int tokens, int room, long memory, long bytesPerToken) {
    /** A conversation may be of an engine with a larger context than this one's. */
    private static final int LONGER_THAN_TRAINED = 16;

    private static final int ANY_MODEL = 1 << 20;

    /** What the model tells is the least: layers may keep more beside. */
    private static final int MORE_THAN_TOLD = 4;
    /** What a state has however few its tokens are. */
    private static final long BASE = 1 << 20;

    static SessionLimits of(LlamaModel model, int room, long memory) {
        long trained = (long) LONGER_THAN_TRAINED * model.trainingContextSize();
        long told = model.isRecurrent() || model.isHybrid()
                ? 0
                : model.kvCacheBytesPerToken(KvCacheType.F32, KvCacheType.F32).orElse(0);
        return new SessionLimits(
                Math.clamp(trained, ANY_MODEL, Integer.MAX_VALUE), room, memory, MORE_THAN_TOLD * told);
    }

    /** The most bytes that a state of so many tokens can have. */
    long bytes(int count) {
        return bytesPerToken == 0 ? Long.MAX_VALUE : BASE + bytesPerToken * count;
    }

    /** Whether there is a use for a state: not where it would fit neither a sequence nor the memory. */
    boolean isUsable(int count, long bytes) {
        return count <= room && bytes <= memory;
    }
}
