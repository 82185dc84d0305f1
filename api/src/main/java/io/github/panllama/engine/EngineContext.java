package io.github.panllama.engine;

import io.github.panllama.ContextOptions;
import io.github.panllama.Device;
import io.github.panllama.DeviceType;
import io.github.panllama.FlashAttention;
import io.github.panllama.KvCacheType;
import io.github.panllama.LlamaModel;
import java.util.List;
import java.util.OptionalLong;

/**
 * How the contexts of an engine are, and why: as large as the options say or as there is use and memory for, and
 * computing in the way that was found the fastest.
 */
record EngineContext(ContextOptions settings, EngineTuning tuning) {
    /** What a sequence has room for by default, if the model can use that much. */
    private static final int ROOM = 4096;
    /** Where each has less, they share one cache, so that some can have more. */
    private static final int LEAST_ROOM = 2048;
    /** Of the memory of this machine, and of what is free on a GPU, the KV cache takes this part at most by default. */
    private static final int PART_OF_HOST = 8;

    private static final int PART_OF_GPU = 4;

    /** Tokens of a step, from which on more at once are no faster. */
    private static final int CPU_BATCH = 256;

    private static final int GPU_BATCH = 512;
    /** A step has one of each, and the rest is for prompts. */
    private static final int ROWS_PER_SEQUENCE = 4;

    /**
     * Plans contexts.
     *
     * @param count how many there will be at the same time
     */
    static EngineContext plan(LlamaModel model, EngineOptions options, int count) {
        ContextOptions.Builder wanted = ContextOptions.builder();
        options.context.accept(wanted);
        ContextOptions given = wanted.build();
        int trained = model.trainingContextSize();
        int room = Math.min(trained, ROOM);
        int size = options.contextSize == null ? defaultSize(model, options, given, room, count) : options.contextSize;
        int wantedBatch = options.batchSize == null ? defaultBatch(model, options) : options.batchSize;
        int batch = Math.min(wantedBatch, size);
        if (batch < options.sequences) {
            throw new IllegalArgumentException(
                    "batchSize is %d and contextSize %d, must not be under sequences, %d: a step has a token of each"
                            .formatted(wantedBatch, size, options.sequences));
        }
        boolean mayBeSplit = size / options.sequences >= Math.min(trained, LEAST_ROOM);
        EngineTuning tuning = shared(tune(model, options, given, mayBeSplit), given, count);
        ContextOptions settings = settings(options, tuning)
                .contextSize(size)
                .batchSize(batch)
                .maxSequences(options.sequences)
                .build();
        return new EngineContext(settings, tuning);
    }

    /** Contexts that compute beside each other: where they have more threads than there are processors, they spin. */
    private static EngineTuning shared(EngineTuning tuning, ContextOptions given, int count) {
        int most = Math.max(1, Runtime.getRuntime().availableProcessors() / count);
        return new EngineTuning(
                given.threads().isPresent() ? tuning.threads() : Math.min(tuning.threads(), most),
                given.batchThreads().isPresent() ? tuning.batchThreads() : Math.min(tuning.batchThreads(), most),
                tuning.flashAttention(),
                tuning.unifiedKvCache(),
                tuning.source(),
                tuning.trials());
    }

    /** What the options say, and what was found where they say nothing. */
    static ContextOptions.Builder settings(EngineOptions options, EngineTuning tuning) {
        ContextOptions.Builder settings = ContextOptions.builder()
                .threads(tuning.threads(), tuning.batchThreads())
                .flashAttention(tuning.flashAttention() ? FlashAttention.ENABLED : FlashAttention.DISABLED)
                .unifiedKvCache(tuning.unifiedKvCache());
        options.context.accept(settings);
        return settings;
    }

    private static EngineTuning tune(
            LlamaModel model, EngineOptions options, ContextOptions given, boolean mayBeSplit) {
        TuningCache cache = TuningCache.of(model, options.sequences, given, mayBeSplit);
        return cache.read().orElseGet(() -> {
            Calibration calibration = new Calibration(model, options, given, mayBeSplit);
            EngineTuning tuning = calibration.run();
            if (calibration.isComplete()) {
                cache.write(tuning);
            }
            return tuning;
        });
    }

    private static int defaultBatch(LlamaModel model, EngineOptions options) {
        return Math.max(model.isOffloaded() ? GPU_BATCH : CPU_BATCH, ROWS_PER_SEQUENCE * options.sequences);
    }

    /** Room for every sequence, as far as the memory goes; for one of them in any case. */
    private static int defaultSize(LlamaModel model, EngineOptions options, ContextOptions given, int room, int count) {
        OptionalLong bytes = model.kvCacheBytesPerToken(
                given.keyCacheType().orElse(KvCacheType.F16),
                given.valueCacheType().orElse(KvCacheType.F16));
        long wanted = (long) options.sequences * room;
        long fits = bytes.isEmpty() ? wanted : memory() / count / bytes.getAsLong();
        return (int) Math.max(Math.min(wanted, fits), room);
    }

    private static long memory() {
        List<Device> gpus = Device.gpus();
        return gpus.isEmpty()
                ? Device.all().stream()
                        .filter(device -> device.type() == DeviceType.CPU)
                        .mapToLong(device -> device.totalMemory() / PART_OF_HOST)
                        .sum()
                : gpus.stream()
                        .mapToLong(device -> device.freeMemory() / PART_OF_GPU)
                        .sum();
    }
}
