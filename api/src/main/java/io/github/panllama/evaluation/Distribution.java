package io.github.panllama.evaluation;

import java.util.Arrays;

/**
 * How values lie: their mean, and how many are how large.
 *
 * @param mean the mean
 * @param standardError the uncertainty of the mean
 * @param minimum the smallest
 * @param percentile1 1 % of the values are at most this
 * @param percentile5 5 % are at most this
 * @param percentile10 10 % are at most this
 * @param median half are at most this
 * @param percentile90 90 % are at most this
 * @param percentile95 95 % are at most this
 * @param percentile99 99 % are at most this
 * @param maximum the largest
 */
public record Distribution(
        double mean,
        double standardError,
        double minimum,
        double percentile1,
        double percentile5,
        double percentile10,
        double median,
        double percentile90,
        double percentile95,
        double percentile99,
        double maximum) {
    /** Of at least one value. */
    static Distribution of(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Distribution(
                Moments.mean(values),
                Moments.standardError(values),
                sorted[0],
                percentile(sorted, 0.01),
                percentile(sorted, 0.05),
                percentile(sorted, 0.10),
                percentile(sorted, 0.50),
                percentile(sorted, 0.90),
                percentile(sorted, 0.95),
                percentile(sorted, 0.99),
                sorted[sorted.length - 1]);
    }

    /** Between two values, the share of the way from one to the other. */
    private static double percentile(double[] sorted, double fraction) {
        double place = fraction * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        double share = place - below;
        return share == 0 ? sorted[below] : (1 - share) * sorted[below] + share * sorted[above];
    }
}
