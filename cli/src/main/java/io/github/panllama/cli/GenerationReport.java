package io.github.panllama.cli;

import io.github.panllama.GenerationResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A generation as the object that {@code generate --json} prints. Its fields are documented there and stay. */
final class GenerationReport {
    private GenerationReport() {}

    static Map<String, Object> of(GenerationResult result, Duration loading, Path model, boolean synthetic) {
        Map<String, Object> counts = new LinkedHashMap<>();
        counts.put("prompt_tokens", result.promptTokens());
        counts.put("generated_tokens", result.tokens().size());
        Map<String, Object> timings = new LinkedHashMap<>();
        timings.put("load_ms", milliseconds(loading));
        timings.put("time_to_first_token_ms", milliseconds(result.timeToFirstToken()));
        timings.put("duration_ms", milliseconds(result.duration()));
        timings.put("tokens_per_second", Math.round(result.tokensPerSecond() * 10) / 10.0);
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("text", result.text());
        report.put("ids", result.tokens());
        report.put("finish_reason", result.finishReason().name().toLowerCase(Locale.ROOT));
        report.put("counts", counts);
        report.put("timings", timings);
        report.put("model", model.toString());
        report.put("synthetic", synthetic);
        return report;
    }

    private static double milliseconds(Duration duration) {
        return Math.round(duration.toNanos() / 1e3) / 1e3;
    }
}
