package io.github.panllama.synthetic;

/**
 * DeepSeek V2 and V3: latent attention, shared experts. Without a query rank, queries are made in one step.
 *
 * @param balanced routing by sigmoid with a balancing bias, as in V3; otherwise by softmax, as in V2
 */
record DeepSeek2Blueprint(boolean balanced) implements Blueprint {
    private static final int SOFTMAX = 1;
    private static final int SIGMOID = 2;

    @Override
    public void metadata(Shape shape, Keys keys) {
        long rank = shape.keyValueRank();
        keys.put("attention.head_count", shape.heads())
                .put("attention.head_count_kv", 1) // all heads share one latent vector
                .put("attention.layer_norm_rms_epsilon", 1e-6f)
                .put("attention.q_lora_rank", shape.queryRank())
                .put("attention.kv_lora_rank", rank)
                .put("attention.key_length", rank + shape.ropeLength())
                .put("attention.value_length", rank)
                .put("attention.key_length_mla", shape.headLength() + shape.ropeLength())
                .put("attention.value_length_mla", shape.valueLength())
                .put("rope.dimension_count", shape.ropeLength())
                .put("rope.freq_base", 10_000f)
                .put("feed_forward_length", shape.feedForwardLength())
                .put("leading_dense_block_count", shape.leadingDenseLayers())
                .put("expert_count", shape.experts())
                .put("expert_used_count", shape.activeExperts())
                .put("expert_shared_count", shape.sharedExperts())
                .put("expert_feed_forward_length", shape.expertFeedForwardLength())
                .put("expert_weights_scale", 1.5f)
                .put("expert_weights_norm", balanced)
                .put("expert_gating_func", balanced ? SIGMOID : SOFTMAX);
    }

    @Override
    public void layer(Shape shape, Weights weights, int index, String prefix) {
        long width = shape.embeddingLength();
        weights.norm(prefix + "attn_norm.weight", width);
        latentAttention(shape, weights, prefix);
        weights.norm(prefix + "ffn_norm.weight", width);
        if (index < shape.leadingDenseLayers()) {
            Blueprint.feedForward(weights, prefix, "", width, shape.feedForwardLength());
            return;
        }
        Blueprint.experts(shape, weights, prefix);
        if (balanced) {
            weights.vector(prefix + "exp_probs_b.bias", -0.1f, 0.1f, shape.experts());
        }
        long shared = (long) shape.sharedExperts() * shape.expertFeedForwardLength();
        Blueprint.feedForward(weights, prefix, "_shexp", width, shared);
    }

    private static void latentAttention(Shape shape, Weights weights, String prefix) {
        long width = shape.embeddingLength();
        long heads = shape.heads();
        long rank = shape.keyValueRank();
        long keyLength = (long) shape.headLength() + shape.ropeLength();
        if (shape.queryRank() == 0) {
            weights.matrix(prefix + "attn_q.weight", ATTENTION_GAIN, width, heads * keyLength);
        } else {
            weights.matrix(prefix + "attn_q_a.weight", 1, width, shape.queryRank())
                    .norm(prefix + "attn_q_a_norm.weight", shape.queryRank())
                    .matrix(prefix + "attn_q_b.weight", ATTENTION_GAIN, shape.queryRank(), heads * keyLength);
        }
        weights.matrix(prefix + "attn_kv_a_mqa.weight", ATTENTION_GAIN, width, rank + shape.ropeLength())
                .norm(prefix + "attn_kv_a_norm.weight", rank)
                // multiplied with queries to reach the latent space: the gain that keeps a key's own size
                .matrix(prefix + "attn_k_b.weight", gain(shape.headLength(), rank), shape.headLength(), rank, heads)
                .matrix(prefix + "attn_v_b.weight", 1, rank, shape.valueLength(), heads)
                .matrix(prefix + "attn_output.weight", OUTPUT_GAIN, heads * shape.valueLength(), width);
    }

    private static float gain(long from, long to) {
        return ATTENTION_GAIN * (float) Math.sqrt((double) from / to);
    }
}
