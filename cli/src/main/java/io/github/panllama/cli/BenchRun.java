package io.github.panllama.cli;

import io.github.panllama.cli.bench.LoadResult;
import io.github.panllama.cli.bench.PhaseSpeeds;
import io.github.panllama.engine.EngineTuning;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What was measured at one number of requests in flight.
 *
 * @param parallel that number
 * @param cells tokens that the KV cache holds
 * @param tuning how the engine computed
 * @param phases prefill and decode alone
 * @param load both together, as requests come
 * @param hostPeak bytes of the process that were resident at most, where the system tells
 * @param devicePeaks bytes of each device with a memory of its own that were taken at most, by its name
 * @param cards what NVIDIA's cards did during the load
 */
record BenchRun(
        int parallel,
        int cells,
        EngineTuning tuning,
        PhaseSpeeds phases,
        LoadResult load,
        OptionalLong hostPeak,
        Map<String, Long> devicePeaks,
        BenchCards cards) {
    private static final double SECONDS_PER_HOUR = 3600;
    private static final double MILLION = 1e6;

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
