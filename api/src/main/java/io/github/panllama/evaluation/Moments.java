package io.github.panllama.evaluation;

/** Means of values, and their uncertainties. */
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
        if (values.length < 2) {
            return 0;
        }
        double mean = mean(values);
        double sum = 0;
        for (double value : values) {
            sum += (value - mean) * (value - mean);
        }
        return Math.sqrt(sum / values.length / (values.length - 1));
    }
}
