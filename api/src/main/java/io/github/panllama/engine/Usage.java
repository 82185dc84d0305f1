package io.github.panllama.engine;

/**
 * Tokens of a generation.
 *
 * @param promptTokens tokens of the prompt
 * @param cachedTokens those of them that were in the KV cache and were not computed again
 * @param generatedTokens tokens that were generated
 * @param draftedTokens tokens that were guessed and computed, by a request's {@link Speculation}
 * @param acceptedTokens those of them that were right, each of which saved a step
 */
public record Usage(int promptTokens, int cachedTokens, int generatedTokens, int draftedTokens, int acceptedTokens) {
    /** The share of guesses that were right; 0 when there were none. */
    public double acceptance() {
        return draftedTokens == 0 ? 0 : (double) acceptedTokens / draftedTokens;
    }
}
