package io.github.panllama.mutants;

import io.github.panllama.ContextOptions;
import io.github.panllama.MemoryPlanner;
import io.github.panllama.ModelOptions;
import io.github.panllama.ModelTrust;
import java.nio.file.Path;

/** The main class of a JVM that plans a context of a file without a check: llama.cpp lays its graph out. Argument: the file. */
final class TrustedPlan {
    private TrustedPlan() {}

    public static void main(String[] args) {
        ModelOptions options =
                ModelOptions.builder().gpuLayers(0).trust(ModelTrust.TRUSTED).build();
        ContextOptions context = ContextOptions.builder()
                .contextSize(2048)
                .batchSize(512)
                .microBatchSize(512)
                .maxSequences(1)
                .threads(1)
                .build();
        try (MemoryPlanner planner = MemoryPlanner.open(Path.of(args[0]), options)) {
            planner.plan(context);
        } catch (RuntimeException e) {
            System.out.println(e);
        }
        System.out.println(TrustedLoad.SURVIVED);
    }
}
