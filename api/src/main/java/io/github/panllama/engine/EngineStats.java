package io.github.panllama.engine;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What an engine does and has done, at one moment; with several replicas, all of them together.
 *
 * @param active generations that are being computed
 * @param queued requests that wait
 * @param sequences the most generations at the same time
 * @param cells tokens that the KV cache holds at most
 * @param usedCells tokens that it holds, those of finished generations included
 * @param steps steps so far
 * @param completed generations that have ended, however they did
 * @param promptTokens tokens of all prompts that were begun
 * @param cachedTokens those of them that were in the KV cache and were not computed again
 * @param generatedTokens tokens that were generated
 * @param deviceSampled choices of a token that the device made, those that ended a generation included
 * @param hostSampled choices that the host made
 * @param draftedTokens tokens that were guessed and computed, by requests with a {@link Speculation}
 * @param acceptedTokens those of them that were right
 * @param tokensPerSecond tokens that were generated in the last second
 * @param timeToFirstToken over the last {@value StatsRecorder#SAMPLES} first tokens
 * @param interTokenLatency over the last {@value StatsRecorder#SAMPLES} other tokens
 * @param preemptions how often a generation had to wait in its middle, because the KV cache was full
 * @param sessions the sessions that are open
 * @param tuning how it computes, and why so
 * @param replicas what each replica has of that; one where there are no others
 */
public record EngineStats(
        int active,
        int queued,
        int sequences,
        int cells,
        int usedCells,
        long steps,
        long completed,
        long promptTokens,
        long cachedTokens,
        long generatedTokens,
        long deviceSampled,
        long hostSampled,
        long draftedTokens,
        long acceptedTokens,
        double tokensPerSecond,
        Percentiles timeToFirstToken,
        Percentiles interTokenLatency,
        long preemptions,
        Sessions sessions,
        EngineTuning tuning,
        List<Replica> replicas) {
    /** Copies the list, and refuses {@code null}. */
    public EngineStats {
        Objects.requireNonNull(sessions, "sessions");
        Objects.requireNonNull(tuning, "tuning");
        Objects.requireNonNull(timeToFirstToken, "timeToFirstToken");
        Objects.requireNonNull(interTokenLatency, "interTokenLatency");
        replicas = List.copyOf(replicas);
    }

    /**
     * What one replica of an engine does and has done: see {@link EngineOptions.Builder#replicas}.
     *
     * @param active generations that are being computed
     * @param queued requests that wait for it
     * @param outstandingTokens tokens that are to be computed still, as far as can be told: what of prompts is not in its
     *     KV cache, and as much as generations get as a rule. The next request goes by this
     * @param sequences the most generations at the same time
     * @param cells tokens that its KV cache holds at most
     * @param usedCells tokens that it holds
     * @param steps steps so far
     * @param completed generations that have ended
     * @param promptTokens tokens of the prompts that were begun
     * @param cachedTokens those of them that were in its KV cache
     * @param generatedTokens tokens that were generated
     * @param tokensPerSecond tokens that were generated in the last second
     */
    public record Replica(
            int active,
            int queued,
            long outstandingTokens,
            int sequences,
            int cells,
            int usedCells,
            long steps,
            long completed,
            long promptTokens,
            long cachedTokens,
            long generatedTokens,
            double tokensPerSecond) {}

    /**
     * Percentiles of a time; zero where nothing was measured.
     *
     * @param p50 the median
     * @param p95 what 95 of 100 stay under
     * @param p99 what 99 of 100 stay under
     */
    public record Percentiles(Duration p50, Duration p95, Duration p99) {
        /** Refuses {@code null}. */
        public Percentiles {
            Objects.requireNonNull(p50, "p50");
            Objects.requireNonNull(p95, "p95");
            Objects.requireNonNull(p99, "p99");
        }
    }

    /**
     * Where the sessions are that are open. The others are in a sequence of the context, or have nothing computed.
     *
     * @param open all of them
     * @param inMemory those that are parked in host memory
     * @param onDisk those that are parked on the disk alone
     * @param bytes of host memory that they take
     */
    public record Sessions(int open, int inMemory, int onDisk, long bytes) {}
}
