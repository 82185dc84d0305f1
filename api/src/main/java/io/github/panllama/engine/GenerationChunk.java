package io.github.panllama.engine;

import io.github.panllama.TokenLogprob;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A piece of a generation, as it comes.
 *
 * @param text what is new: whole characters, and never a part of a stop text; empty while that is not clear yet
 * @param token the token that brought it; empty where the end of the generation did
 * @param logprob how likely the token was, where the request asked for {@linkplain
 *     CompletionRequest.Builder#logprobs logprobs}
 */
public record GenerationChunk(String text, OptionalInt token, Optional<TokenLogprob> logprob) {
    /** Refuses {@code null}. */
    public GenerationChunk {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(token, "token");
        Objects.requireNonNull(logprob, "logprob");
    }
}
