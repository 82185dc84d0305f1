package io.github.panllama;

import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/** Chooses sizes by what fits. */
final class ContextFit {
    /** llama.cpp rounds sizes up to these. */
    static final int STEP = 256;

    private ContextFit() {}

    /**
     * The largest context that fits comfortably; the least one if none does.
     *
     * @param model of which nothing but its header has to be there
     * @param plan plans a context of so many tokens
     */
    static int largest(ContextOptions options, LlamaModel model, IntFunction<MemoryPlan> plan) {
        int sequences = options.maxSequences == null ? 1 : options.maxSequences;
        long useful = (long) model.trainingContextSize() * sequences;
        long most = Math.min(useful, MemoryNeed.largest(options, model));
        int least = (int) Math.min(most, (long) STEP * sequences);
        IntPredicate fits = size -> MemoryMargin.isComfortable(plan.apply(size));
        if (fits.test((int) most)) {
            return (int) most;
        }
        return largest(least, (int) most, STEP, fits);
    }

    /**
     * The largest number that fits, of {@code least} and those at multiples of {@code step} above it; {@code least} if
     * none does. What fits, does so for every smaller number.
     *
     * @param bound not tried, and above all that are
     */
    static int largest(int least, int bound, int step, IntPredicate fits) {
        int low = 0;
        int high = Math.ceilDiv(bound - least, step);
        while (high - low > 1) {
            int middle = low + (high - low) / 2;
            if (fits.test(least + middle * step)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return least + low * step;
    }
}
