package io.github.panllama.engine;

import io.github.panllama.ContextOptions;
import io.github.panllama.Device;
import io.github.panllama.KvCacheType;
import io.github.panllama.LlamaModel;
import io.github.panllama.MemoryPlanner;
import io.github.panllama.internal.SystemMemory;
import java.util.Collection;
import java.util.OptionalLong;

/**
 * How large the contexts of an engine are: as the options say, or as there is use and memory for.
 *
 * @param context tokens of each
 * @param batch tokens of a step
 * @param mayBeSplit whether sequences with rooms of their own would have room enough
 */
record EngineSizes(int context, int batch, boolean mayBeSplit) {
    /** What a sequence has room for by default, if the model can use that much. */
    private static final int ROOM = 4096;
    /** Where each has less, they share one cache, so that some can have more. */
    private static final int LEAST_ROOM = 2048;
    /** Of the memory of this machine, and of what is free on a GPU, the KV cache takes this part at most by default. */
    private static final int PART_OF_HOST = 8;

    private static final int PART_OF_GPU = 4;

    /** Tokens of a step of prompts alone. Half of it, beside sequences that go on, is as fast a token. */
    private static final int CPU_BATCH = 512;

    private static final int GPU_BATCH = 1024;
    /** A step has one of each, and the rest is for prompts. */
    private static final int ROWS_PER_SEQUENCE = 4;

    /**
     * What the sizes depend on, of a model.
     *
     * @param trained the longest sequence that it was trained on, in tokens
     * @param offloaded whether it is on a GPU
     * @param bytesPerToken bytes of KV cache for each token; empty where that differs
     * @param memory bytes that the KV caches may take together by default
     */
    record Basis(int trained, boolean offloaded, OptionalLong bytesPerToken, long memory) {
        static Basis of(LlamaModel model, ContextOptions given, Collection<Device> devices) {
            return new Basis(
                    model.trainingContextSize(),
                    model.isOffloaded(),
                    model.kvCacheBytesPerToken(keys(given), values(given)),
                    memory(model.isOffloaded(), devices));
        }

        static Basis of(MemoryPlanner planner, ContextOptions given) {
            return new Basis(
                    planner.trainingContextSize(),
                    planner.isOffloaded(),
                    planner.kvCacheBytesPerToken(keys(given), values(given)),
                    memory(planner.isOffloaded(), planner.devices()));
        }

        /** Of the system where the model is there, else of the GPUs that it may use. */
        private static long memory(boolean offloaded, Collection<Device> devices) {
            return offloaded
                    ? devices.stream()
                            .mapToLong(device -> device.freeMemory() / PART_OF_GPU)
                            .sum()
                    : SystemMemory.now().total() / PART_OF_HOST;
        }

        private static KvCacheType keys(ContextOptions given) {
            return given.keyCacheType().orElse(KvCacheType.F16);
        }

        private static KvCacheType values(ContextOptions given) {
            return given.valueCacheType().orElse(KvCacheType.F16);
        }
    }

    /**
     * Chooses sizes.
     *
     * @param count how many contexts there will be at the same time
     * @throws IllegalArgumentException if the batch is too small for a token of each sequence
     */
    static EngineSizes of(Basis model, EngineOptions options, int count) {
        int size = options.contextSize == null ? defaultSize(model, options, count) : options.contextSize;
        int wanted = options.batchSize == null ? defaultBatch(model, options) : options.batchSize;
        int batch = Math.min(wanted, size);
        if (batch < options.sequences) {
            throw new IllegalArgumentException(
                    "batchSize is %d and contextSize %d, must not be under sequences, %d: a step has a token of each"
                            .formatted(wanted, size, options.sequences));
        }
        return new EngineSizes(size, batch, size / options.sequences >= Math.min(model.trained, LEAST_ROOM));
    }

    private static int defaultBatch(Basis model, EngineOptions options) {
        return Math.max(model.offloaded ? GPU_BATCH : CPU_BATCH, ROWS_PER_SEQUENCE * options.sequences);
    }

    /** Room for every sequence, as far as the memory goes; for one of them in any case. */
    private static int defaultSize(Basis model, EngineOptions options, int count) {
        int room = Math.min(model.trained, ROOM);
        long wanted = (long) options.sequences * room;
        long fits = model.bytesPerToken.isEmpty() ? wanted : model.memory / count / model.bytesPerToken.getAsLong();
        return (int) Math.max(Math.min(wanted, fits), room);
    }
}
