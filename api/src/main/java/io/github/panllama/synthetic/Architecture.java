package io.github.panllama.synthetic;

/** The kinds of model that can be made. */
public enum Architecture {
    /** Dense decoder with grouped-query attention. */
    LLAMA("llama"),
    /** Dense decoder with biases on queries, keys and values. */
    QWEN2("qwen2"),
    /** Latent attention; routed and shared experts behind leading dense layers. */
    DEEPSEEK2("deepseek2"),
    /** Experts in every layer, normalised queries and keys. */
    QWEN3MOE("qwen3moe"),
    /** State-space layers: no attention, a state of fixed size instead of a KV cache. */
    MAMBA2("mamba2"),
    /** Bidirectional encoder whose outputs are averaged into one embedding; gives no logits. */
    NOMIC_BERT("nomic-bert"),
    /**
     * Bidirectional encoder with a table of positions, whose first output is the embedding; gives no logits. With a
     * {@link SyntheticModelBuilder#classifier classifier} it is a reranker.
     */
    BERT("bert");

    private final String ggufName;

    Architecture(String ggufName) {
        this.ggufName = ggufName;
    }

    /**
     * The name that a file carries, which also begins the architecture's metadata keys.
     *
     * @return the value of {@code general.architecture}
     */
    public String ggufName() {
        return ggufName;
    }

    /**
     * Whether the model produces embeddings instead of text.
     *
     * @return true for encoders
     */
    public boolean isEncoder() {
        return this == NOMIC_BERT || this == BERT;
    }
}
