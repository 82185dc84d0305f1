package io.github.panllama.bench.gpu;

import io.github.panllama.cli.BenchCards;
import io.github.panllama.cli.BenchCardsJson;
import io.github.panllama.cli.MemoryPeaks;
import io.github.panllama.cli.bench.Latency;
import io.github.panllama.cli.bench.LoadResult;
import io.github.panllama.cli.bench.PhaseSpeeds;
import io.github.panllama.engine.EngineTuning;
import io.github.panllama.gpu.GpuUsage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The engine's figures as they come together, as fields of {@code engine} in {@code bench.json}. */
final class EngineFigures {
    /** Cards renew their count of energy some ten times a second, and many tell the power as the mean of a second. */
    private static final double LEAST_SECONDS = 2;

    private static final List<String> ENERGY =
            List.of("watts", "joules", "energy_source", "tokens_per_joule", "joules_per_1000_tokens");

    private final GpuSetting setting;
    private final Map<String, @Nullable Object> fields = new LinkedHashMap<>();

    EngineFigures(GpuSetting setting, PhaseSpeeds phases, EngineTuning tuning, int cells) {
        this.setting = setting;
        put("prefill_tokens_per_second", GpuRun.rounded(phases.prompt()));
        put("decode_tokens_per_second", GpuRun.rounded(phases.generation().orElse(Double.NaN)));
        put("threads", tuning.batchThreads());
        put("threads_of_one_token", tuning.threads());
        put("flash_attention", tuning.flashAttention());
        put("unified_kv_cache", tuning.unifiedKvCache());
        put("context_size", cells);
        put("tuning_is", tuning.source().name().toLowerCase(Locale.ROOT));
        put("trials", tuning.trials().stream().map(EngineFigures::trial).toList());
    }

    /** One of the ways to compute that the engine has tried when it started. */
    private static Map<String, Object> trial(EngineTuning.Trial trial) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("sequences", trial.sequences());
        object.put("threads", trial.threads());
        object.put("flash_attention", trial.flashAttention());
        object.put("unified_kv_cache", trial.unifiedKvCache());
        object.put("tokens_per_second", GpuRun.rounded(trial.tokensPerSecond()));
        return object;
    }

    void put(String name, @Nullable Object value) {
        fields.put(name, value);
    }

    /** What is in the memory of the model, and what a step reads of it at least. */
    void put(OptionalLong cacheBytes, StepBytes bytes) {
        put("kv_bytes_per_token", cacheBytes.isPresent() ? cacheBytes.getAsLong() : null);
        put("step_bytes", Math.round(bytes.of(setting, cacheBytes)));
    }

    /** The load; {@code null} where the time was over before. */
    void put(@Nullable LoadResult load, List<GpuUsage> usages) {
        put("output_tokens_per_second", load == null ? null : GpuRun.rounded(load.outputTokensPerSecond()));
        put("total_tokens_per_second", load == null ? null : GpuRun.rounded(load.totalTokensPerSecond()));
        put("ttft_ms", load == null ? null : latency(load.timeToFirstToken()));
        put("itl_ms", load == null ? null : latency(load.interTokenLatency()));
        put("requests", load == null ? null : load.requests().size());
        double seconds = load == null ? 0 : load.duration().toNanos() / 1e9;
        put("load_seconds", load == null ? null : GpuRun.rounded(seconds));
        BenchCardsJson.put(fields, new BenchCards(usages, load == null ? 0 : load.generatedTokens()));
        if (seconds < LEAST_SECONDS) {
            ENERGY.forEach(name -> put(name, null));
        }
        put("card_memory_peak_bytes", usages.isEmpty() ? null : cardMemory(usages));
    }

    /** By the driver, with what CUDA takes for itself; where it does not tell that of this process, all that was taken. */
    private static long cardMemory(List<GpuUsage> usages) {
        return usages.stream()
                .mapToLong(usage ->
                        usage.peakProcessMemory().orElse(usage.peakMemory().orElse(0)))
                .sum();
    }

    void put(MemoryPeaks memory) {
        OptionalLong host = MemoryPeaks.host();
        put("host_memory_peak_bytes", host.isPresent() ? host.getAsLong() : null);
        put("device_memory_peak_bytes", memory.devices());
    }

    Figures all() {
        return new Figures(fields);
    }

    private static @Nullable Map<String, @Nullable Object> latency(Optional<Latency> measured) {
        if (measured.isEmpty()) {
            return null;
        }
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("median", GpuRun.rounded(measured.get().median()));
        object.put("p95", GpuRun.rounded(measured.get().p95()));
        object.put("p99", GpuRun.rounded(measured.get().p99()));
        return object;
    }
}
