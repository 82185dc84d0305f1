package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.MemorySegment;

/** The sizes of a model that bound what may be passed to C. */
record ModelFigures(
        int vocabularySize,
        int inputEmbeddingLength,
        int embeddingLength,
        int hiddenSize,
        int layers,
        int classifierOutputs,
        boolean recurrent,
        boolean hybrid,
        boolean multiplePositions) {
    static ModelFigures of(MemorySegment model) {
        return new ModelFigures(
                LlamaC.llama_vocab_n_tokens(LlamaC.llama_model_get_vocab(model)),
                LlamaC.llama_model_n_embd_inp(model),
                LlamaC.llama_model_n_embd_out(model),
                LlamaC.llama_model_n_embd(model),
                LlamaC.llama_model_n_layer(model),
                LlamaC.llama_model_n_cls_out(model),
                LlamaC.llama_model_is_recurrent(model),
                LlamaC.llama_model_is_hybrid(model),
                hasMultiplePositions(LlamaC.llama_model_rope_type(model)));
    }

    /** Whether each token has several positions, as in models that see images. */
    private static boolean hasMultiplePositions(int ropeType) {
        return ropeType == LlamaC.LLAMA_ROPE_TYPE_MROPE()
                || ropeType == LlamaC.LLAMA_ROPE_TYPE_IMROPE()
                || ropeType == LlamaC.LLAMA_ROPE_TYPE_VISION();
    }
}
