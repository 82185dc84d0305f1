package io.github.panllama;

import io.github.panllama.internal.Seconds;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What was generated.
 *
 * @param text the text, special tokens left out
 * @param tokens the ids of its tokens, without the one that ended it
 * @param finishReason why it ended
 * @param promptTokens tokens of the prompt
 * @param timeToFirstToken from the call to the first token; zero when there is none
 * @param duration of the whole call
 */
public record GenerationResult(
        String text,
        List<Integer> tokens,
        FinishReason finishReason,
        int promptTokens,
        Duration timeToFirstToken,
        Duration duration) {
    /** Copies the list, and refuses {@code null}. */
    public GenerationResult {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(finishReason, "finishReason");
        Objects.requireNonNull(timeToFirstToken, "timeToFirstToken");
        Objects.requireNonNull(duration, "duration");
        tokens = List.copyOf(tokens);
    }

    /** Tokens a second after the first one; 0 when there are fewer than two. */
    public double tokensPerSecond() {
        double seconds = Seconds.of(duration) - Seconds.of(timeToFirstToken);
        return tokens.size() < 2 || seconds <= 0 ? 0 : (tokens.size() - 1) / seconds;
    }
}
