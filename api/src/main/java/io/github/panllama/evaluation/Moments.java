package io.github.panllama.evaluation;

/** Sums of values over which means and their uncertainties are told. */
final class Moments {
    private Moments() {}

    static double mean(double[] values, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += values[i];
        }
        return sum / count;
    }

    static double mean(double[] values) {
        return mean(values, values.length);
    }

    /** The standard error of the mean; 0 of a single value. */
    static double standardError(double[] values) {
        return Math.sqrt(Math.max(0, covariance(values, values)));
    }

    /** The covariance of the means of two lists of values that belong together in pairs. */
    static double covariance(double[] a, double[] b) {
        if (a.length < 2) {
            return 0;
        }
        double meanA = mean(a);
        double meanB = mean(b);
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - meanA) * (b[i] - meanB);
        }
        return sum / a.length / (a.length - 1);
    }
}
