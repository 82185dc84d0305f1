package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;

/** Which tokens a token attends to. */
public enum AttentionType {
    /** As the model says. */
    UNSPECIFIED(LlamaC.LLAMA_ATTENTION_TYPE_UNSPECIFIED()),
    /** The tokens before it. */
    CAUSAL(LlamaC.LLAMA_ATTENTION_TYPE_CAUSAL()),
    /** Every token of its sequence: for embeddings. A batch must then fit into one micro-batch. */
    NON_CAUSAL(LlamaC.LLAMA_ATTENTION_TYPE_NON_CAUSAL());

    final int code;

    AttentionType(int code) {
        this.code = code;
    }
}
