package io.github.panllama.bench.gpu;

import io.github.panllama.bench.gpu.GpuRun.Engine;
import io.github.panllama.bench.gpu.GpuRun.Peer;
import io.github.panllama.cli.BenchCardsJson;
import io.github.panllama.cli.bench.Latency;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A run as an object of {@code bench.json}; docs/gpu/bundle.md lists its fields. */
final class RunJson {
    private RunJson() {}

    static Map<String, @Nullable Object> of(GpuRun run, GpuMachine machine) {
        GpuSetting setting = run.setting();
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("model", setting.model().name());
        object.put("type", setting.model().type());
        object.put("parallel", setting.parallel());
        object.put("prompt_tokens", setting.prompt());
        object.put("generate_tokens", setting.generate());
        object.put("kv_type", setting.cache().name().toLowerCase(Locale.ROOT));
        object.put("kv_room", setting.room().name().toLowerCase(Locale.ROOT));
        object.put("engine", run.engine() == null ? null : engine(run.engine(), run, machine));
        object.put("llama_batched_bench", run.peer() == null ? null : peer(run.peer()));
        object.put("decode_ratio", number(run.decodeRatio()));
        object.put("fault", run.fault());
        return object;
    }

    private static Map<String, @Nullable Object> engine(Engine engine, GpuRun run, GpuMachine machine) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("prefill_tokens_per_second", number(engine.phases().prompt()));
        object.put(
                "decode_tokens_per_second", number(engine.phases().generation().orElse(Double.NaN)));
        object.put("output_tokens_per_second", number(engine.outputTokensPerSecond()));
        object.put("total_tokens_per_second", number(engine.totalTokensPerSecond()));
        object.put("ttft_ms", latency(engine.timeToFirstToken()));
        object.put("itl_ms", latency(engine.interTokenLatency()));
        object.put(
                "requests",
                engine.load() == null ? null : engine.load().requests().size());
        object.put("threads", engine.tuning().batchThreads());
        object.put("flash_attention", engine.tuning().flashAttention());
        object.put("unified_kv_cache", engine.tuning().unifiedKvCache());
        object.put("context_size", engine.cells());
        object.put(
                "kv_bytes_per_token",
                engine.cacheBytes().isPresent() ? engine.cacheBytes().getAsLong() : null);
        object.put("step_bytes", Math.round(engine.stepBytes()));
        object.put("read_gb_per_second", number(run.bytesPerSecond() / 1e9));
        object.put(
                "memory_speed_share",
                number(run.bytesPerSecond() / machine.bytesPerSecond().orElse(Double.NaN)));
        object.put(
                "host_memory_peak_bytes",
                engine.hostPeak().isPresent() ? engine.hostPeak().getAsLong() : null);
        object.put("device_memory_peak_bytes", engine.devicePeaks());
        BenchCardsJson.put(object, engine.cards());
        return object;
    }

    private static Map<String, @Nullable Object> peer(Peer peer) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("prefill_tokens_per_second", number(peer.speeds().prompt()));
        object.put("decode_tokens_per_second", number(peer.speeds().decode()));
        object.put("total_tokens_per_second", number(peer.speeds().all()));
        object.put("way", peer.way());
        return object;
    }

    private static @Nullable Map<String, @Nullable Object> latency(Optional<Latency> measured) {
        if (measured.isEmpty()) {
            return null;
        }
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("median", number(measured.get().median()));
        object.put("p95", number(measured.get().p95()));
        object.put("p99", number(measured.get().p99()));
        return object;
    }

    /** To four digits after the point; nothing where it was not measured. */
    private static @Nullable Double number(double value) {
        return Double.isFinite(value) ? (Double) (Math.round(value * 1e4) / 1e4) : null;
    }
}
