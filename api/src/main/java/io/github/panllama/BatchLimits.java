package io.github.panllama;

/**
 * What a context accepts in a batch. A batch serves every context with the limits that it was made for.
 *
 * @param batchSize the most rows
 * @param vocabularySize bound of token ids
 * @param maxSequences bound of sequence ids
 * @param maxPositions bound of positions
 * @param inputEmbeddingLength floats of an embedding
 * @param sharedTokens whether a token may belong to several sequences
 */
record BatchLimits(
        int batchSize,
        int vocabularySize,
        int maxSequences,
        int maxPositions,
        int inputEmbeddingLength,
        boolean sharedTokens) {}
