package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.MemorySegment;

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
        boolean sharedTokens) {
    /**
     * The limits of a context.
     *
     * @param unified whether all sequences share one KV cache
     * @param remembers whether it has a memory
     */
    static BatchLimits of(MemorySegment context, LlamaModel model, boolean unified, boolean remembers) {
        ModelFigures figures = model.figures();
        return new BatchLimits(
                LlamaC.llama_n_batch(context),
                figures.vocabularySize(),
                LlamaC.llama_n_seq_max(context),
                model.modelFiles().maxPositions(),
                figures.inputEmbeddingLength(),
                (unified && !figures.recurrent() && !figures.hybrid()) || !remembers);
    }
}
