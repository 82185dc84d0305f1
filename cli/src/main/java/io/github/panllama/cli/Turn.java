package io.github.panllama.cli;

import io.github.panllama.chat.ChatResult;
import io.github.panllama.engine.Usage;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A question's answer, as {@code chat --json} prints it. */
final class Turn {
    private Turn() {}

    /** The object. Its fields are documented in the command's help and stay. */
    static Map<String, Object> toJson(ChatResult result, Duration loading, DefaultModel model) {
        Usage usage = result.usage();
        Map<String, Object> counts = new LinkedHashMap<>();
        counts.put("prompt_tokens", usage.promptTokens());
        counts.put("reused_tokens", usage.cachedTokens());
        counts.put("generated_tokens", usage.generatedTokens());
        Map<String, Object> timings = new LinkedHashMap<>();
        timings.put("load_ms", milliseconds(loading));
        timings.put(
                "time_to_first_token_ms",
                milliseconds(result.rounds().getFirst().timings().timeToFirstToken()));
        timings.put("duration_ms", milliseconds(duration(result)));
        timings.put("tokens_per_second", Math.round(result.timings().tokensPerSecond() * 10) / 10.0);
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("reasoning", result.reply().reasoning());
        report.put("content", result.reply().content());
        report.put("tool_calls", calls(result));
        report.put("finish_reason", finish(result));
        report.put("counts", counts);
        report.put("timings", timings);
        report.put("model", model.file().toString());
        report.put("synthetic", model.isSynthetic());
        return report;
    }

    private static String finish(ChatResult result) {
        return switch (result.finish()) {
            case STOP -> "stop";
            case LENGTH, CONTEXT_FULL -> "length";
            case CANCELLED, DEADLINE -> "stopped";
            case TOOL_CALLS, TOOL_ROUNDS -> "tool_calls";
        };
    }

    private static List<Map<String, Object>> calls(ChatResult result) {
        return result.rounds().stream()
                .flatMap(round -> round.reply().toolCalls().stream())
                .<Map<String, Object>>map(call -> Map.of("name", call.name(), "arguments", call.arguments()))
                .toList();
    }

    private static Duration duration(ChatResult result) {
        return result.rounds().stream().map(round -> round.timings().duration()).reduce(Duration.ZERO, Duration::plus);
    }

    private static double milliseconds(Duration duration) {
        return Math.round(duration.toNanos() / 1e3) / 1e3;
    }
}
