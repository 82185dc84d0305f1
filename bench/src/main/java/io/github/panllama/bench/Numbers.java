package io.github.panllama.bench;

import java.util.stream.DoubleStream;

/** Arithmetic of the reports. */
final class Numbers {
    private Numbers() {}

    static double median(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
