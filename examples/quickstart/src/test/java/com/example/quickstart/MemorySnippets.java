package com.example.quickstart;

import io.github.panllama.ContextOptions;
import io.github.panllama.ContextSize;
import io.github.panllama.FlashAttention;
import io.github.panllama.GpuLayers;
import io.github.panllama.KvCacheType;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.MemoryPlan;
import io.github.panllama.MemoryPlanner;
import io.github.panllama.ModelOptions;
import io.github.panllama.engine.EngineOptions;
import java.nio.file.Path;
import java.util.List;

/** What docs/memory.md shows. */
final class MemorySnippets {
    private MemorySnippets() {}

    static boolean fits(Path file) {
        MemoryPlan plan = MemoryPlan.of(file, ModelOptions.defaults(), ContextOptions.builder()
                .contextSize(32_768)
                .maxSequences(8)
                .build());
        System.out.println(plan);
        return plan.fits();
    }

    static void compare(Path file) {
        try (MemoryPlanner planner = MemoryPlanner.open(file, ModelOptions.defaults())) {
            for (KvCacheType type : List.of(KvCacheType.F16, KvCacheType.Q8_0)) {
                ContextOptions options = ContextOptions.builder()
                        .kvCacheType(type)
                        .flashAttention(FlashAttention.ENABLED)
                        .build();
                System.out.println(type + ": " + planner.plan(options).host().cache() + " bytes of cache");
            }
        }
    }

    static MemoryPlan engine(Path file) {
        return EngineOptions.builder().sequences(16).build().memoryPlan(file, ModelOptions.defaults());
    }

    static int largest(Path file) {
        ContextOptions context = ContextOptions.builder().contextSize(ContextSize.AUTO).build();
        ModelOptions model =
                ModelOptions.builder().gpuLayers(GpuLayers.AUTO).roomFor(context).build();
        try (LlamaModel loaded = LlamaModel.load(file, model);
                LlamaContext made = loaded.newContext(context)) {
            return made.contextSize();
        }
    }
}
