package io.github.panllama.cli;

import io.github.panllama.Device;
import io.github.panllama.Llama;
import io.github.panllama.cli.bench.GoodputBounds;
import io.github.panllama.cli.bench.Latency;
import io.github.panllama.cli.bench.LoadResult;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A benchmark as the object that {@code bench --format json} prints. Its fields are documented in docs/cli.md and stay. */
final class BenchJson {
    private BenchJson() {}

    static Map<String, @Nullable Object> of(BenchReport report) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("date", report.date().toString());
        object.put("panllama", Version.current());
        object.put("llama_cpp", Llama.release());
        object.put("platform", Llama.platform());
        object.put("cpu_variant", Llama.cpuVariant().orElse(null));
        object.put("processors", Runtime.getRuntime().availableProcessors());
        object.put("devices", Device.all().stream().map(Device::toString).toList());
        object.put("model", model(report.model()));
        object.put("options", options(report));
        object.put(
                "runs",
                report.runs().stream().map(run -> run(run, report.options())).toList());
        BenchScaling scaling = report.scaling();
        object.put("scaling", scaling == null ? null : BenchScalingJson.of(scaling));
        return object;
    }

    private static Map<String, Object> model(BenchReport.Model model) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("file", model.used().file().toString());
        object.put("synthetic", model.used().isSynthetic());
        object.put("description", model.description());
        object.put("parameters", model.parameters());
        object.put("bytes", model.bytes());
        return object;
    }

    private static Map<String, @Nullable Object> options(BenchReport report) {
        BenchOptions options = report.options();
        MachineFlags machine = report.machine();
        GoodputBounds bounds = options.goodput();
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("prompt_tokens", options.promptTokens());
        object.put("generate_tokens", options.generateTokens());
        object.put("shared_prefix", options.sharedPrefix());
        object.put("rate", options.rate());
        object.put("target_latency_ms", options.targetLatencyMs());
        object.put("goodput_ms", bounds == null ? null : new TreeMap<>(bounds.milliseconds()));
        object.put("price_per_hour", options.pricePerHour());
        object.put("warm_up_s", options.warmUpSeconds());
        object.put("seed", options.seed());
        object.put("replicas", options.replicas());
        object.put("devices", options.devices().isEmpty() ? null : options.devices());
        object.put("scaling", options.scaling());
        object.put("threads", machine.threads().orElse(null));
        object.put("gpu_layers", machine.gpuLayers().orElse(null));
        object.put("kv_type", machine.kvType().orElse(null));
        return object;
    }

    private static Map<String, @Nullable Object> run(BenchRun run, BenchOptions options) {
        LoadResult load = run.load();
        GoodputBounds bounds = options.goodput();
        Double price = options.pricePerHour();
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("parallel", run.parallel());
        object.put("devices", run.devices());
        object.put("replicas", run.replicas());
        object.put("context_size", run.cells());
        object.put("threads", run.tuning().threads());
        object.put("batch_threads", run.tuning().batchThreads());
        object.put("flash_attention", run.tuning().flashAttention());
        object.put("unified_kv_cache", run.tuning().unifiedKvCache());
        object.put("s_pp", rounded(run.phases().prompt()));
        object.put(
                "s_tg",
                run.phases().generation().isPresent()
                        ? rounded(run.phases().generation().getAsDouble())
                        : null);
        object.put("requests", load.requests().size());
        object.put("duration_ms", rounded(load.duration().toNanos() / 1e6));
        object.put("prompt_tokens", load.promptTokens());
        object.put("cached_tokens", load.cachedTokens());
        object.put("generated_tokens", load.generatedTokens());
        object.put("requests_per_second", rounded(load.requestsPerSecond()));
        object.put("output_tokens_per_second", rounded(load.outputTokensPerSecond()));
        object.put("total_tokens_per_second", rounded(load.totalTokensPerSecond()));
        object.put("ttft_ms", latency(load.timeToFirstToken()));
        object.put("tpot_ms", latency(load.timePerOutputToken()));
        object.put("itl_ms", latency(load.interTokenLatency()));
        object.put("e2el_ms", latency(load.endToEndLatency()));
        object.put("goodput_requests_per_second", bounds == null ? null : rounded(load.goodput(bounds)));
        object.put("cost_per_million_output_tokens", price == null ? null : run.costPerMillionOutputTokens(price));
        object.put("cost_per_million_total_tokens", price == null ? null : run.costPerMillionTotalTokens(price));
        object.put(
                "host_memory_peak_bytes",
                run.hostPeak().isPresent() ? run.hostPeak().getAsLong() : null);
        object.put("device_memory_peak_bytes", run.devicePeaks());
        BenchCardsJson.put(object, run.cards());
        return object;
    }

    private static @Nullable Map<String, Object> latency(Optional<Latency> measured) {
        if (measured.isEmpty()) {
            return null;
        }
        Latency latency = measured.get();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("mean", rounded(latency.mean()));
        object.put("median", rounded(latency.median()));
        object.put("p95", rounded(latency.p95()));
        object.put("p99", rounded(latency.p99()));
        return object;
    }

    /** To three digits after the point: microseconds, where it is milliseconds. */
    private static double rounded(double number) {
        return Math.round(number * 1e3) / 1e3;
    }
}
