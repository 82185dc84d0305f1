package io.github.panllama.evaluation;

import java.util.Objects;

/**
 * How far a candidate, such as a quantised model, is from its reference, over the same text.
 *
 * @param reference the reference's own perplexity
 * @param candidate the candidate's own perplexity
 * @param perplexityRatio the candidate's perplexity divided by the reference's: 1 for an equal model, more for a worse
 * @param perplexityRatioError the uncertainty of the ratio, much less than that of either perplexity
 * @param klDivergence the Kullback-Leibler divergence of the candidate's probabilities from the reference's at each
 *     counted token, in nats: 0 where they are equal
 * @param topAgreement the share of the counted tokens where both find the same token the likeliest, from 0 to 1
 * @param meanProbabilityChange how much more probable the candidate finds the text's own tokens, in the mean, from -1
 *     to 1
 * @param rmsProbabilityChange the root of the mean square of that change, from 0 to 1
 */
public record ComparisonResult(
        PerplexityResult reference,
        PerplexityResult candidate,
        double perplexityRatio,
        double perplexityRatioError,
        Distribution klDivergence,
        double topAgreement,
        double meanProbabilityChange,
        double rmsProbabilityChange) {
    /** Refuses {@code null}. */
    public ComparisonResult {
        Objects.requireNonNull(reference, "reference");
        Objects.requireNonNull(candidate, "candidate");
        Objects.requireNonNull(klDivergence, "klDivergence");
    }

    /** Tokens of the text that were counted. */
    public int tokens() {
        return reference.tokens();
    }
}
