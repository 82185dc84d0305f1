package io.github.panllama.synthetic;

/** Llama, and Qwen 2 with its biases. */
record DenseBlueprint(boolean biases) implements Blueprint {
    @Override
    public void metadata(Shape shape, Keys keys) {
        Blueprint.attention(shape, keys).put("feed_forward_length", shape.feedForwardLength());
    }

    @Override
    public void layer(Shape shape, Weights weights, int index, String prefix) {
        long width = shape.embeddingLength();
        weights.norm(prefix + "attn_norm.weight", width);
        Blueprint.attention(shape, weights, prefix);
        if (biases) {
            long keys = (long) shape.kvHeads() * shape.headLength();
            weights.vector(prefix + "attn_q.bias", -0.5f, 0.5f, width)
                    .vector(prefix + "attn_k.bias", -0.5f, 0.5f, keys)
                    .vector(prefix + "attn_v.bias", -0.1f, 0.1f, keys);
        }
        weights.norm(prefix + "ffn_norm.weight", width);
        Blueprint.feedForward(weights, prefix, "", width, shape.feedForwardLength());
    }
}
