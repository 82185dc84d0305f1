package io.github.panllama.chat;

import io.github.panllama.FinishReason;
import io.github.panllama.TokenLogprob;
import io.github.panllama.engine.Timings;
import io.github.panllama.engine.Usage;
import java.util.List;
import java.util.Objects;

/**
 * One reply of a turn, and what became of the tools that it called.
 *
 * @param reply what the model wrote
 * @param finishReason why it ended
 * @param usage its tokens; of the prompt's, {@linkplain Usage#cachedTokens cached} ones were not computed again
 * @param timings how long it took
 * @param toolResults messages with what the tools answered, in the order of the calls; empty where none were made
 * @param logprobs of each token that was generated, reasoning and marks included; empty unless asked for:
 *     {@link ChatOptions.Builder#request}
 */
public record ChatRound(
        ChatReply reply,
        FinishReason finishReason,
        Usage usage,
        Timings timings,
        List<ChatMessage> toolResults,
        List<TokenLogprob> logprobs) {
    /** Copies the lists, and refuses {@code null}. */
    public ChatRound {
        Objects.requireNonNull(reply, "reply");
        Objects.requireNonNull(finishReason, "finishReason");
        Objects.requireNonNull(usage, "usage");
        Objects.requireNonNull(timings, "timings");
        toolResults = List.copyOf(toolResults);
        logprobs = List.copyOf(logprobs);
    }
}
