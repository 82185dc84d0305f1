package io.github.panllama.synthetic;

/** Qwen 3 with experts in every layer. */
record Qwen3MoeBlueprint() implements Blueprint {
    @Override
    public void metadata(Shape shape, Keys keys) {
        Blueprint.attention(shape, keys)
                .put("feed_forward_length", shape.feedForwardLength())
                .put("expert_count", shape.experts())
                .put("expert_used_count", shape.activeExperts())
                .put("expert_feed_forward_length", shape.expertFeedForwardLength());
    }

    @Override
    public void layer(Shape shape, Weights weights, int index, String prefix) {
        weights.norm(prefix + "attn_norm.weight", shape.embeddingLength());
        Blueprint.attention(shape, weights, prefix);
        // normalised, so the size that makes attention pick comes from here
        weights.vector(prefix + "attn_q_norm.weight", 1.3f, 1.9f, shape.headLength())
                .vector(prefix + "attn_k_norm.weight", 1.3f, 1.9f, shape.headLength())
                .norm(prefix + "ffn_norm.weight", shape.embeddingLength());
        Blueprint.experts(shape, weights, prefix);
    }
}
