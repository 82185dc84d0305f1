package io.github.panllama.cli;

import io.github.panllama.chat.ChatReply;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A question's answer.
 *
 * @param reply what the model wrote
 * @param finishReason {@code stop}, {@code length} or {@code stopped}
 * @param promptTokens tokens of the conversation up to the answer
 * @param reusedTokens how many of them were in the memory already
 * @param generatedTokens tokens of the answer
 * @param timeToFirstToken from the question on
 * @param duration of the whole
 */
record Turn(
        ChatReply reply,
        String finishReason,
        int promptTokens,
        int reusedTokens,
        int generatedTokens,
        Duration timeToFirstToken,
        Duration duration) {
    /** The object that {@code chat --json} prints. Its fields are documented there and stay. */
    Map<String, Object> toJson(Duration loading, DefaultModel model) {
        Map<String, Object> counts = new LinkedHashMap<>();
        counts.put("prompt_tokens", promptTokens);
        counts.put("reused_tokens", reusedTokens);
        counts.put("generated_tokens", generatedTokens);
        Map<String, Object> timings = new LinkedHashMap<>();
        timings.put("load_ms", milliseconds(loading));
        timings.put("time_to_first_token_ms", milliseconds(timeToFirstToken));
        timings.put("duration_ms", milliseconds(duration));
        timings.put("tokens_per_second", tokensPerSecond());
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("reasoning", reply.reasoning());
        report.put("content", reply.content());
        report.put("tool_calls", calls());
        report.put("finish_reason", finishReason);
        report.put("counts", counts);
        report.put("timings", timings);
        report.put("model", model.file().toString());
        report.put("synthetic", model.isSynthetic());
        return report;
    }

    private List<Map<String, Object>> calls() {
        return reply.toolCalls().stream()
                .<Map<String, Object>>map(call -> Map.of("name", call.name(), "arguments", call.arguments()))
                .toList();
    }

    private double tokensPerSecond() {
        double seconds = duration.minus(timeToFirstToken).toNanos() / 1e9;
        return generatedTokens < 2 || seconds <= 0 ? 0 : Math.round((generatedTokens - 1) / seconds * 10) / 10.0;
    }

    private static double milliseconds(Duration duration) {
        return Math.round(duration.toNanos() / 1e3) / 1e3;
    }
}
