package io.github.panllama.engine;

import io.github.panllama.ContextOptions;
import io.github.panllama.FlashAttention;
import io.github.panllama.KvCacheType;
import io.github.panllama.MemoryPlan;
import io.github.panllama.MemoryPlanner;
import io.github.panllama.ModelOptions;
import io.github.panllama.SplitMode;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** What an engine will take of memory, before it has found out in which way it computes the fastest. */
final class EngineMemory {
    private EngineMemory() {}

    /** Of the ways that the options leave open, the one that takes the most. */
    static MemoryPlan plan(Path file, ModelOptions model, EngineOptions options) {
        ContextOptions.Builder wanted = ContextOptions.builder();
        options.context.accept(wanted);
        ContextOptions given = wanted.build();
        try (MemoryPlanner planner = MemoryPlanner.open(file, model)) {
            EngineSizes sizes = EngineSizes.of(EngineSizes.Basis.of(planner, given), options, options.replicas);
            boolean flashAlone =
                    model.splitMode().filter(SplitMode.TENSOR::equals).isPresent();
            MemoryPlan most = ways(given, flashAlone).stream()
                    .map(flash -> planner.plan(settings(options, sizes, flash)))
                    .max(Comparator.comparingLong(MemoryPlan::total))
                    .orElseThrow();
            return most.times(options.replicas);
        }
    }

    /** A quantised cache of values needs flash attention. */
    private static List<FlashAttention> ways(ContextOptions given, boolean flashAlone) {
        boolean quantised =
                given.valueCacheType().filter(KvCacheType::isQuantized).isPresent();
        return flashAlone || quantised
                ? List.of(FlashAttention.ENABLED)
                : List.of(FlashAttention.ENABLED, FlashAttention.DISABLED);
    }

    private static ContextOptions settings(EngineOptions options, EngineSizes sizes, FlashAttention flash) {
        ContextOptions.Builder settings = ContextOptions.builder()
                .threads(Runtime.getRuntime().availableProcessors())
                .flashAttention(flash)
                .unifiedKvCache(!sizes.mayBeSplit());
        options.context.accept(settings);
        return settings.contextSize(sizes.context())
                .batchSize(sizes.batch())
                .maxSequences(options.sequences)
                .build();
    }
}
