package io.github.panllama;

import java.util.List;

/**
 * How likely the model itself found a token, before any sampling: natural logarithms of the softmax of its logits, 0 for
 * what is certain, negative else.
 *
 * @param token the token's id
 * @param logprob the logarithm of its probability
 * @param alternatives the likeliest tokens in its place, the likeliest first, of equals the smallest id first; the token
 *     itself is one of them where it is likely enough
 */
public record TokenLogprob(int token, double logprob, List<Alternative> alternatives) {
    /** Copies the list. */
    public TokenLogprob {
        alternatives = List.copyOf(alternatives);
    }

    /**
     * One of the likeliest tokens.
     *
     * @param token the token's id
     * @param logprob the logarithm of its probability
     */
    public record Alternative(int token, double logprob) {}
}
