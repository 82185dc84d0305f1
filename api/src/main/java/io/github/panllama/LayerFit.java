package io.github.panllama;

import java.util.function.IntFunction;

/** Chooses how many layers of a model go to the GPUs. */
final class LayerFit {
    private LayerFit() {}

    /** As many as fit comfortably beside the context that the model is to have. */
    static int largest(ModelFiles files, ModelOptions options) {
        ContextOptions context = options.roomFor == null ? ContextOptions.defaults() : options.roomFor;
        return largest(files.figure("block_count"), layers -> {
            try (MemoryPlanner planner = MemoryPlanner.open(files, options, layers)) {
                return planner.plan(context);
            }
        });
    }

    /**
     * As many as fit; all where all do.
     *
     * @param layers the model's, without its output, which counts as one more
     * @param plan plans the model with so many on the GPUs
     */
    static int largest(int layers, IntFunction<MemoryPlan> plan) {
        if (fitsOnDevices(plan.apply(ModelOptions.ALL_LAYERS))) {
            return ModelOptions.ALL_LAYERS;
        }
        return ContextFit.largest(0, layers + 1, 1, count -> fitsOnDevices(plan.apply(count)));
    }

    /** What the GPUs cannot hold the host has to, whether it is comfortable there or not. */
    private static boolean fitsOnDevices(MemoryPlan plan) {
        return plan.devices().stream().allMatch(use -> use.isHost() || MemoryMargin.isComfortable(use));
    }
}
