package io.github.panllama.synthetic;

/** Mamba 2: state-space layers with a short convolution before them. */
record Mamba2Blueprint() implements Blueprint {
    private static final int KERNEL = 4;
    private static final int GROUPS = 1;

    private static long inner(Shape shape) {
        return 2L * shape.embeddingLength();
    }

    @Override
    public void metadata(Shape shape, Keys keys) {
        keys.put("feed_forward_length", 0)
                .put("attention.head_count", 0)
                .put("attention.layer_norm_rms_epsilon", 1e-5f)
                .put("ssm.conv_kernel", KERNEL)
                .put("ssm.inner_size", inner(shape))
                .put("ssm.state_size", shape.stateLength())
                .put("ssm.time_step_rank", shape.heads())
                .put("ssm.group_count", GROUPS);
    }

    @Override
    public void layer(Shape shape, Weights weights, int index, String prefix) {
        long width = shape.embeddingLength();
        long inner = inner(shape);
        long heads = shape.heads();
        long convolved = inner + 2L * GROUPS * shape.stateLength();
        weights.norm(prefix + "attn_norm.weight", width)
                .matrix(prefix + "ssm_in.weight", 1, width, inner + convolved + heads)
                .vector(prefix + "ssm_conv1d.weight", -1, 1, KERNEL, convolved)
                .vector(prefix + "ssm_conv1d.bias", -0.2f, 0.2f, convolved)
                .vector(prefix + "ssm_dt.bias", -3, -1, heads) // before softplus: steps of 0.05 to 0.3
                .vector(prefix + "ssm_a", -4, -0.5f, 1, heads) // negative: the state fades
                .vector(prefix + "ssm_d", 0.5f, 1.5f, 1, heads)
                .norm(prefix + "ssm_norm.weight", inner / GROUPS, GROUPS)
                .matrix(prefix + "ssm_out.weight", OUTPUT_GAIN, inner, width);
    }
}
