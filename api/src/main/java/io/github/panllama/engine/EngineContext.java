package io.github.panllama.engine;

import io.github.panllama.ContextOptions;
import io.github.panllama.Device;
import io.github.panllama.FlashAttention;
import io.github.panllama.LlamaModel;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How the contexts of an engine are, and why: as large as the options say or as there is use and memory for, and
 * computing in the way that was found the fastest.
 */
record EngineContext(ContextOptions settings, EngineTuning tuning) {
    /**
     * Plans contexts.
     *
     * @param models which they will be of, the same one on other devices
     */
    static EngineContext plan(List<LlamaModel> models, EngineOptions options) {
        LlamaModel model = models.getFirst();
        int count = models.size() * options.replicas;
        ContextOptions.Builder wanted = ContextOptions.builder();
        options.context.accept(wanted);
        ContextOptions given = wanted.build();
        EngineSizes sizes = EngineSizes.of(EngineSizes.Basis.of(model, given, devices(models)), options, count);
        EngineTuning tuning = shared(tune(model, options, given, sizes.mayBeSplit()), given, count);
        ContextOptions settings = settings(options, tuning)
                .contextSize(sizes.context())
                .batchSize(sizes.batch())
                .maxSequences(options.sequences)
                .build();
        return new EngineContext(settings, tuning);
    }

    /** Those of all models, each once. */
    private static Set<Device> devices(List<LlamaModel> models) {
        return models.stream().flatMap(model -> model.devices().stream()).collect(Collectors.toSet());
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
            Calibration calibration =
                    new Calibration(model, options, given, mayBeSplit, Calibration.limit(model.isOffloaded()));
            EngineTuning tuning = calibration.run();
            if (calibration.isComplete()) {
                cache.write(tuning);
            }
            return tuning;
        });
    }
}
