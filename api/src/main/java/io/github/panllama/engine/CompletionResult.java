package io.github.panllama.engine;

import io.github.panllama.FinishReason;
import io.github.panllama.TokenLogprob;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What was generated.
 *
 * @param text the text, special tokens and what ended it left out
 * @param tokens the ids of its tokens, without one that ended it
 * @param logprobs how likely each of them was, where the request asked for {@linkplain
 *     CompletionRequest.Builder#logprobs logprobs}; empty else
 * @param finishReason why it ended
 * @param stopText the stop text that ended it
 * @param usage what it cost
 * @param timings how long it took
 */
public record CompletionResult(
        String text,
        List<Integer> tokens,
        List<TokenLogprob> logprobs,
        FinishReason finishReason,
        Optional<String> stopText,
        Usage usage,
        Timings timings) {
    /** Copies the lists, and refuses {@code null}. */
    public CompletionResult {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(finishReason, "finishReason");
        Objects.requireNonNull(stopText, "stopText");
        Objects.requireNonNull(usage, "usage");
        Objects.requireNonNull(timings, "timings");
        tokens = List.copyOf(tokens);
        logprobs = List.copyOf(logprobs);
    }
}
