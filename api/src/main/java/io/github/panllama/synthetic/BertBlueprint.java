package io.github.panllama.synthetic;

import io.github.panllama.gguf.GgufValue;
import java.util.List;
import java.util.function.LongPredicate;

/** BERT: an encoder with a table of positions, whose first output is the embedding or goes to a classification head. */
record BertBlueprint() implements Blueprint {
    private static final int FIRST_TOKEN_POOLING = 2;
    private static final int RANK_POOLING = 4;
    private static final int TOKEN_TYPES = 2;

    @Override
    public void metadata(Shape shape, Keys keys) {
        List<String> labels = shape.classifier();
        keys.put("attention.head_count", shape.heads())
                .put("attention.layer_norm_epsilon", 1e-6f)
                .put("attention.causal", false)
                .put("pooling_type", labels == null ? FIRST_TOKEN_POOLING : RANK_POOLING)
                .put("feed_forward_length", shape.feedForwardLength());
        keys.writer().put("tokenizer.ggml.token_type_count", TOKEN_TYPES);
        if (labels != null && !labels.isEmpty()) {
            keys.writer().put(keys.architecture() + ".classifier.output_labels", GgufValue.texts(labels));
        }
    }

    @Override
    public void frame(Shape shape, Weights weights, LongPredicate quiet) {
        long width = shape.embeddingLength();
        weights.tokens("token_embd.weight", 1, quiet, width, shape.vocabularySize())
                .vector("token_types.weight", -0.1f, 0.1f, width, TOKEN_TYPES)
                .vector("position_embd.weight", -0.5f, 0.5f, width, shape.contextLength());
        layerNorm(weights, "token_embd_norm", width);
        List<String> labels = shape.classifier();
        if (labels != null) {
            long outputs = Math.max(1, labels.size());
            weights.matrix("cls.weight", 1, width, width)
                    .vector("cls.bias", -0.1f, 0.1f, width)
                    .matrix("cls.output.weight", OUTPUT_GAIN, width, outputs)
                    .vector("cls.output.bias", -0.1f, 0.1f, outputs);
        }
    }

    @Override
    public void layer(Shape shape, Weights weights, int index, String prefix) {
        long width = shape.embeddingLength();
        long inner = shape.feedForwardLength();
        Blueprint.attention(shape, weights, prefix);
        for (String name : List.of("attn_q", "attn_k", "attn_v", "attn_output")) {
            weights.vector(prefix + name + ".bias", -0.1f, 0.1f, width);
        }
        layerNorm(weights, prefix + "attn_output_norm", width);
        weights.matrix(prefix + "ffn_up.weight", 1, width, inner)
                .vector(prefix + "ffn_up.bias", -0.1f, 0.1f, inner)
                .matrix(prefix + "ffn_down.weight", OUTPUT_GAIN, inner, width)
                .vector(prefix + "ffn_down.bias", -0.1f, 0.1f, width);
        layerNorm(weights, prefix + "layer_output_norm", width);
    }

    private static void layerNorm(Weights weights, String name, long width) {
        weights.norm(name + ".weight", width).vector(name + ".bias", -0.1f, 0.1f, width);
    }
}
