package io.github.panllama.cli;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A benchmark: what was measured, of which model, by what.
 *
 * @param date when it began
 * @param model what is measured
 * @param options what was sent
 * @param machine what computes
 * @param runs one for each number of requests in flight; under a scaling, for each number of units too
 * @param scaling how the runs compare, where that was asked for
 */
record BenchReport(
        Instant date,
        Model model,
        BenchOptions options,
        MachineFlags machine,
        List<BenchRun> runs,
        @Nullable BenchScaling scaling) {
    /**
     * A model.
     *
     * @param used the file
     * @param description what llama.cpp says it is
     * @param parameters how many weights it has
     * @param bytes what they take
     */
    record Model(DefaultModel used, String description, long parameters, long bytes) {}

    BenchReport {
        runs = List.copyOf(runs);
    }
}
