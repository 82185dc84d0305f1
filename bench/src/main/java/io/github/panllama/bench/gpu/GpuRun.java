package io.github.panllama.bench.gpu;

import io.github.panllama.bench.BatchedBench;
import io.github.panllama.cli.BenchCards;
import io.github.panllama.cli.bench.Latency;
import io.github.panllama.cli.bench.LoadResult;
import io.github.panllama.cli.bench.PhaseSpeeds;
import io.github.panllama.engine.EngineTuning;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What became of a setting.
 *
 * @param engine what the engine gave; {@code null} where it was not measured
 * @param peer what llama-batched-bench gave; {@code null} where it was not measured
 * @param fault why something was not measured; {@code null} where all was
 * @param failed whether something else than the time is why
 */
record GpuRun(
        GpuSetting setting,
        @Nullable Engine engine,
        @Nullable Peer peer,
        @Nullable String fault,
        boolean failed) {
    /**
     * The engine's figures.
     *
     * @param phases prefill and decode alone
     * @param load both together, as requests come; {@code null} where the time was over before
     * @param tuning how it computed
     * @param cells tokens that its KV cache holds
     * @param cacheBytes bytes of a token in it; empty where that differs
     * @param stepBytes bytes that a step of decode reads at least
     * @param hostPeak bytes of the process that were resident at most, where the system tells
     * @param devicePeaks bytes of each GPU that were taken at most, by its name
     * @param cards what the cards on which it computed did under the load; none on the CPU
     */
    record Engine(
            PhaseSpeeds phases,
            @Nullable LoadResult load,
            EngineTuning tuning,
            int cells,
            OptionalLong cacheBytes,
            double stepBytes,
            OptionalLong hostPeak,
            Map<String, Long> devicePeaks,
            BenchCards cards) {
        /** Tokens generated in a second under the load; NaN where it was not measured, as the next one. */
        double outputTokensPerSecond() {
            return load == null ? Double.NaN : load.outputTokensPerSecond();
        }

        /** Tokens of prompts and generated ones in a second under the load. */
        double totalTokensPerSecond() {
            return load == null ? Double.NaN : load.totalTokensPerSecond();
        }

        Optional<Latency> timeToFirstToken() {
            return load == null ? Optional.empty() : load.timeToFirstToken();
        }

        Optional<Latency> interTokenLatency() {
            return load == null ? Optional.empty() : load.interTokenLatency();
        }
    }

    /**
     * The peer's figures, at the best of the ways in which it was tried.
     *
     * @param way its options
     */
    record Peer(BatchedBench.Speeds speeds, String way) {}

    static GpuRun notBegun(GpuSetting setting) {
        return new GpuRun(setting, null, null, "no time was left", false);
    }

    /** The engine's decode against that of the peer; NaN where one is missing. */
    double decodeRatio() {
        return engine == null || peer == null
                ? Double.NaN
                : engine.phases.generation().orElse(Double.NaN) / peer.speeds.decode();
    }

    /** Bytes that decode read in a second at least; NaN where it was not measured. */
    double bytesPerSecond() {
        return engine == null
                ? Double.NaN
                : engine.phases.generation().orElse(Double.NaN) / setting.parallel() * engine.stepBytes;
    }
}
