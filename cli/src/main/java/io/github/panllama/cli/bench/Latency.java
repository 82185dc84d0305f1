package io.github.panllama.cli.bench;

import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * A time that was measured many times, in milliseconds. Percentiles lie on a line between the two nearest values.
 *
 * @param mean the mean
 * @param median what half of them stay under
 * @param p95 what 95 of 100 stay under
 * @param p99 what 99 of 100 stay under
 */
public record Latency(double mean, double median, double p95, double p99) {
    /** Sums up times; nothing where there is none. */
    static Optional<Latency> of(DoubleStream milliseconds) {
        double[] sorted = milliseconds.sorted().toArray();
        return sorted.length == 0
                ? Optional.empty()
                : Optional.of(new Latency(
                        DoubleStream.of(sorted).average().orElseThrow(),
                        percentile(sorted, 0.5),
                        percentile(sorted, 0.95),
                        percentile(sorted, 0.99)));
    }

    private static double percentile(double[] sorted, double share) {
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
