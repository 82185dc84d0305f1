package io.github.panllama.engine;

/**
 * Tokens of a generation.
 *
 * @param promptTokens tokens of the prompt
 * @param cachedTokens those of them that were in the KV cache and were not computed again
 * @param generatedTokens tokens that were generated
 */
public record Usage(int promptTokens, int cachedTokens, int generatedTokens) {}
