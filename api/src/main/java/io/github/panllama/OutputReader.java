package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;

/**
 * Gives views of what a context's last batch has put out, or says why there is none.
 *
 * <p><b>Threads.</b> As of the context: one call at a time.
 */
final class OutputReader {
    private final ModelFigures figures;
    private final Handle handle;
    private final Owner owner;
    private final BatchLimits limits;
    private final Outputs outputs;
    private final DeviceSamplers deviceSamplers;

    OutputReader(
            ModelFigures figures,
            Handle context,
            Owner owner,
            BatchLimits limits,
            Outputs outputs,
            DeviceSamplers deviceSamplers) {
        this.figures = figures;
        this.handle = context;
        this.owner = owner;
        this.limits = limits;
        this.outputs = outputs;
        this.deviceSamplers = deviceSamplers;
    }

    /** The scores of a row's tokens. */
    Logits logits(int row) {
        try (Owner.Use _ = owner.use()) {
            outputs.checkLogits(row);
            if (deviceSamplers.hasChosen(row)) {
                throw new IllegalStateException(
                        "row " + row + " has no logits on the host: the device has chosen its token from them");
            }
            return new Logits(outputs.view(
                    LlamaC.llama_get_logits_ith(handle.pointer(), row), "logits", limits.vocabularySize()));
        }
    }

    /** The embedding of a row. */
    Embedding embedding(int row) {
        try (Owner.Use _ = owner.use()) {
            outputs.check(row);
            if (pooling() != PoolingType.NONE) {
                throw new IllegalStateException("The context pools embeddings (" + pooling()
                        + "): read that of a sequence, or set pooling(NONE) in ContextOptions");
            }
            return new Embedding(outputs.view(
                    LlamaC.llama_get_embeddings_ith(handle.pointer(), row), "embeddings", figures.embeddingLength()));
        }
    }

    /** The pooled embedding of a sequence, or the scores of its classifier. */
    Embedding sequenceEmbedding(int sequence) {
        try (Owner.Use _ = owner.use()) {
            Check.index("sequence", sequence, limits.maxSequences());
            outputs.checkAny();
            int length = pooling() == PoolingType.RANK ? figures.classifierOutputs() : figures.embeddingLength();
            return new Embedding(outputs.view(
                    LlamaC.llama_get_embeddings_seq(handle.pointer(), sequence), "pooled embeddings", length));
        }
    }

    /** How embeddings are pooled. */
    PoolingType pooling() {
        return PoolingType.of(LlamaC.llama_pooling_type(handle.pointer()));
    }
}
