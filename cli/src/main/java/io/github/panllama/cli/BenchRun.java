package io.github.panllama.cli;

import io.github.panllama.cli.bench.LoadResult;
import io.github.panllama.cli.bench.PhaseSpeeds;
import io.github.panllama.engine.EngineTuning;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What was measured at one number of requests in flight.
 *
 * @param units devices or contexts that each have a part of them under a scaling; else 1
 * @param each requests in flight for each unit
 * @param devices the names of those that computed
 * @param replicas contexts of each model
 * @param cells tokens that the KV cache holds
 * @param tuning how the engine computed
 * @param phases prefill and decode alone
 * @param load both together, as requests come
 * @param hostPeak bytes of the process that were resident at most, where the system tells
 * @param devicePeaks bytes of each device with a memory of its own that were taken at most, by its name
 * @param cards what NVIDIA's cards did during the load
 */
record BenchRun(
        int units,
        int each,
        List<String> devices,
        int replicas,
        int cells,
        EngineTuning tuning,
        PhaseSpeeds phases,
        LoadResult load,
        OptionalLong hostPeak,
        Map<String, Long> devicePeaks,
        BenchCards cards) {
    private static final double SECONDS_PER_HOUR = 3600;
    private static final double MILLION = 1e6;

    BenchRun {
        devices = List.copyOf(devices);
    }

    /** Requests in flight, of all units. */
    int parallel() {
        return units * each;
    }

    /** The requests in flight, such as {@code 2 × 8} for two devices with eight each. */
    String inFlight() {
        return inFlight(units, each);
    }

    static String inFlight(int units, int each) {
        return units == 1 ? Integer.toString(each) : "%d × %d".formatted(units, each);
    }

    /** What a million generated tokens cost on a machine of that price. */
    double costPerMillionOutputTokens(double pricePerHour) {
        return cost(pricePerHour, load.outputTokensPerSecond());
    }

    /** What a million tokens cost, those of prompts included. */
    double costPerMillionTotalTokens(double pricePerHour) {
        return cost(pricePerHour, load.totalTokensPerSecond());
    }

    private static double cost(double pricePerHour, double tokensPerSecond) {
        return pricePerHour / SECONDS_PER_HOUR / tokensPerSecond * MILLION;
    }
}
