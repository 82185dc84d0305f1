package io.github.panllama;

/**
 * What a context accepts in a batch. An object for each context: a batch belongs to the context whose limits it has.
 *
 * @param batchSize the most rows
 * @param vocabularySize bound of token ids
 * @param maxSequences bound of sequence ids
 * @param maxPositions bound of positions
 * @param inputEmbeddingLength floats of an embedding
 */
record BatchLimits(
        int batchSize, int vocabularySize, int maxSequences, int maxPositions, int inputEmbeddingLength) {}
