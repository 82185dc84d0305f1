package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;

/** How the embeddings of a sequence's tokens become one. */
public enum PoolingType {
    /** As the model says. */
    UNSPECIFIED(LlamaC.LLAMA_POOLING_TYPE_UNSPECIFIED()),
    /** Not at all: an embedding for each token. */
    NONE(LlamaC.LLAMA_POOLING_TYPE_NONE()),
    /** The mean of all tokens. */
    MEAN(LlamaC.LLAMA_POOLING_TYPE_MEAN()),
    /** The first token's. */
    CLS(LlamaC.LLAMA_POOLING_TYPE_CLS()),
    /** The last token's. */
    LAST(LlamaC.LLAMA_POOLING_TYPE_LAST()),
    /** The scores of the model's classification head, for reranking. */
    RANK(LlamaC.LLAMA_POOLING_TYPE_RANK());

    final int code;

    PoolingType(int code) {
        this.code = code;
    }

    static PoolingType of(int code) {
        for (PoolingType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        return UNSPECIFIED;
    }
}
