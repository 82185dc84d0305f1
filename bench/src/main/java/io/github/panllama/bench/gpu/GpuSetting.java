package io.github.panllama.bench.gpu;

import io.github.panllama.ContextOptions;
import io.github.panllama.KvCacheType;
import io.github.panllama.bench.PeerWorkload;

/**
 * What is measured at once. Lengths count tokens.
 *
 * @param model the model
 * @param parallel sequences at the same time
 * @param prompt of each sequence
 * @param generate for each sequence
 * @param cache the numbers of its KV cache
 * @param room how the engine's KV cache is laid out
 */
record GpuSetting(BenchModel model, int parallel, int prompt, int generate, KvCacheType cache, Room room) {
    private static final int PHASE_SEQUENCES = 16;
    private static final int MOST_PHASES = 3;

    /** Who decides on the engine's KV cache. */
    enum Room {
        /** The workload: each sequence has a room of its own, as long as it becomes. */
        SIZED,
        /** The engine, by its defaults. */
        DEFAULT
    }

    PeerWorkload workload() {
        return new PeerWorkload(prompt, generate, parallel);
    }

    /** How often prefill and decode alone are measured: small runs more often. */
    int phases() {
        return Math.clamp(PHASE_SEQUENCES / parallel, 1, MOST_PHASES);
    }

    /** What the engine's context is made with, its size apart. */
    void apply(ContextOptions.Builder context) {
        if (cache != KvCacheType.F16) {
            context.kvCacheType(cache);
        }
        if (room == Room.SIZED) {
            context.unifiedKvCache(false);
        }
    }

    /** Such as {@code 7b Q4_K_M, 64 x (128 + 128)}. */
    @Override
    public String toString() {
        return "%s %s, %d x (%d + %d)%s%s"
                .formatted(
                        model.name(),
                        model.type(),
                        parallel,
                        prompt,
                        generate,
                        cache == KvCacheType.F16 ? "" : ", KV cache " + cache,
                        room == Room.SIZED ? "" : ", the engine's own KV cache");
    }
}
