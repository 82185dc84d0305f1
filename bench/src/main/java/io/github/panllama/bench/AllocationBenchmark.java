package io.github.panllama.bench;

import java.util.Collection;
import java.util.Locale;
import java.util.Objects;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs {@link DecodeStepBenchmark} under JMH's gc profiler, prints a Markdown table of what a step allocates in the Java
 * heap, and fails if that is a byte or more. Less than that is what the JVM allocates once, when it compiles anew.
 */
public final class AllocationBenchmark {
    private static final double NONE = 1.0; // bytes a step, exclusive

    private AllocationBenchmark() {}

    /**
     * Runs the benchmark.
     *
     * @param args none
     * @throws RunnerException if JMH fails
     */
    public static void main(String[] args) throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include(DecodeStepBenchmark.class.getName() + ".step")
                        .addProfiler(GCProfiler.class)
                        .shouldFailOnError(true)
                        .build())
                .run();
        System.out.println();
        System.out.println("| sequences | µs/step | steps | allocated in all steps, bytes | bytes/step |"
                + " gc profiler: bytes/step |");
        System.out.println("|---:|---:|---:|---:|---:|---:|");
        double most = 0;
        for (RunResult result : results) {
            double steps = secondary(result, "steps");
            double bytes = secondary(result, "bytes");
            most = Math.max(most, bytes / steps);
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %.1f | %.0f | %.0f | %.4f | %.4f |%n",
                    result.getParams().getParam("sequences"),
                    result.getPrimaryResult().getScore(),
                    steps,
                    bytes,
                    bytes / steps,
                    secondary(result, "gc.alloc.rate.norm"));
        }
        if (most >= NONE) {
            System.err.println("A step allocates");
            System.exit(1);
        }
    }

    private static double secondary(RunResult result, String name) {
        return Objects.requireNonNull(result.getSecondaryResults().get(name)).getScore();
    }
}
