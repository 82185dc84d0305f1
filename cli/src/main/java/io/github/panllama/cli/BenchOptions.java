package io.github.panllama.cli;

import io.github.panllama.cli.bench.GoodputBounds;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a benchmark sends, and what it is held to. Lengths count tokens. Under a scaling requests, rate and context are those
 * of one unit.
 *
 * @param promptTokens of each prompt
 * @param generateTokens for each prompt
 * @param requests of each run; null for some rounds of those in flight
 * @param rate requests a second that come by chance; null where each client waits for its last answer
 * @param targetLatencyMs from token to token, for the engine to keep to
 * @param sharedPrefix tokens that all prompts have in common
 * @param goodput what a good request stays under
 * @param pricePerHour of the machine
 * @param warmUpSeconds requests that are not measured, one round at least
 * @param seed of prompts and arrivals
 * @param context tokens of the KV cache; null for room for all in flight
 * @param replicas contexts of each model that share the requests
 * @param devices that each have a copy of the model, by name; none where its options say where it goes
 * @param scaling whether 1, 2, … units are measured
 */
record BenchOptions(
        int promptTokens,
        int generateTokens,
        @Nullable Integer requests,
        @Nullable Double rate,
        @Nullable Double targetLatencyMs,
        int sharedPrefix,
        @Nullable GoodputBounds goodput,
        @Nullable Double pricePerHour,
        double warmUpSeconds,
        long seed,
        @Nullable Integer context,
        int replicas,
        List<String> devices,
        boolean scaling) {
    private static final int ROUNDS = 4;
    private static final int LEAST_REQUESTS = 16;

    BenchOptions {
        devices = List.copyOf(devices);
    }

    /** How many requests a run has. */
    int requests(int parallel) {
        return requests == null ? Math.max(LEAST_REQUESTS, ROUNDS * parallel) : requests;
    }

    int tokensOfARequest() {
        return Math.addExact(promptTokens, generateTokens);
    }
}
