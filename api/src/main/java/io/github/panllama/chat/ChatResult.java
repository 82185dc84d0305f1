package io.github.panllama.chat;

import io.github.panllama.TokenLogprob;
import io.github.panllama.engine.Timings;
import io.github.panllama.engine.Usage;
import java.util.List;
import java.util.Objects;

/**
 * What came of a turn.
 *
 * @param finish why it ended
 * @param rounds the model's replies: one, and one more after each time that tools were called
 */
public record ChatResult(ChatFinish finish, List<ChatRound> rounds) {
    /** Copies the list, and refuses {@code null} and a turn without a reply. */
    public ChatResult {
        Objects.requireNonNull(finish, "finish");
        rounds = List.copyOf(rounds);
        if (rounds.isEmpty()) {
            throw new IllegalArgumentException("A turn has one round or more");
        }
    }

    /** The last reply: the answer, where the model has answered. */
    public ChatReply reply() {
        return rounds.getLast().reply();
    }

    /** The last reply's content. */
    public String text() {
        return reply().content();
    }

    /** Tokens of all rounds together. A prompt counts in each. */
    public Usage usage() {
        return rounds.stream().map(ChatRound::usage).reduce(new Usage(0, 0, 0, 0, 0), ChatResult::sum);
    }

    /**
     * How likely the model found each token of the last reply, reasoning and marks included; empty unless the turn asks for
     * it, such as by {@code options.request(request -> request.logprobs(5))}.
     */
    public List<TokenLogprob> logprobs() {
        return rounds.getLast().logprobs();
    }

    /** How long the last reply took. */
    public Timings timings() {
        return rounds.getLast().timings();
    }

    private static Usage sum(Usage a, Usage b) {
        return new Usage(
                a.promptTokens() + b.promptTokens(),
                a.cachedTokens() + b.cachedTokens(),
                a.generatedTokens() + b.generatedTokens(),
                a.draftedTokens() + b.draftedTokens(),
                a.acceptedTokens() + b.acceptedTokens());
    }
}
