package io.github.panllama.synthetic;

import java.util.function.LongPredicate;

/** Nomic BERT: an encoder with rotating positions and gated feed-forward layers. */
record NomicBertBlueprint() implements Blueprint {
    private static final int MEAN_POOLING = 1;
    private static final int TOKEN_TYPES = 2;

    @Override
    public void metadata(Shape shape, Keys keys) {
        keys.put("attention.head_count", shape.heads())
                .put("attention.layer_norm_epsilon", 1e-6f)
                .put("attention.causal", false)
                .put("pooling_type", MEAN_POOLING)
                .put("rope.freq_base", 1000f)
                .put("feed_forward_length", shape.feedForwardLength());
        keys.writer().put("tokenizer.ggml.token_type_count", TOKEN_TYPES);
    }

    @Override
    public void frame(Shape shape, Weights weights, LongPredicate quiet) {
        long width = shape.embeddingLength();
        weights.tokens("token_embd.weight", 1, quiet, width, shape.vocabularySize())
                .vector("token_types.weight", -0.1f, 0.1f, width, TOKEN_TYPES);
        layerNorm(weights, "token_embd_norm", width);
    }

    @Override
    public void layer(Shape shape, Weights weights, int index, String prefix) {
        long width = shape.embeddingLength();
        Blueprint.attention(shape, weights, prefix);
        layerNorm(weights, prefix + "attn_output_norm", width);
        Blueprint.feedForward(weights, prefix, "", width, shape.feedForwardLength());
        layerNorm(weights, prefix + "layer_output_norm", width);
    }

    private static void layerNorm(Weights weights, String name, long width) {
        weights.norm(name + ".weight", width).vector(name + ".bias", -0.1f, 0.1f, width);
    }
}
