package io.github.panllama.evaluation;

import java.time.Duration;
import java.util.Objects;

/**
 * How well a model predicts a text.
 *
 * @param perplexity the exponential of {@code negativeLogLikelihood}: 1 for a model that is always certain and right,
 *     the size of the vocabulary for one that knows nothing
 * @param standardError the uncertainty of the perplexity
 * @param negativeLogLikelihood the mean over the counted tokens, in nats
 * @param tokens tokens that were counted
 * @param chunks windows that the text was cut into
 * @param windowSize tokens of a window
 * @param computedTokens tokens that were computed, counted or not
 * @param duration of the computation, without tokenizing and making the context
 */
public record PerplexityResult(
        double perplexity,
        double standardError,
        double negativeLogLikelihood,
        int tokens,
        int chunks,
        int windowSize,
        long computedTokens,
        Duration duration) {
    /** Refuses {@code null}. */
    public PerplexityResult {
        Objects.requireNonNull(duration, "duration");
    }

    static PerplexityResult of(double[] losses, Windows windows, long computedTokens, Duration duration) {
        double mean = Moments.mean(losses);
        double perplexity = Math.exp(mean);
        return new PerplexityResult(
                perplexity,
                perplexity * Moments.standardError(losses),
                mean,
                losses.length,
                windows.count(),
                windows.size(),
                computedTokens,
                duration);
    }

    /** Tokens computed in a second. */
    public double tokensPerSecond() {
        return Rate.perSecond(computedTokens, duration);
    }
}
