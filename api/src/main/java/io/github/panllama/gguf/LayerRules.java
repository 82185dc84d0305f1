package io.github.panllama.gguf;

import java.util.List;
import java.util.Set;

/** The sizes of a model and of its layers. */
final class LayerRules {
    static final int MAX_LAYERS = 512;

    /** Sizes whose products of three still fit 63 bits. */
    static final long MAX_WIDTH = 1 << 20;

    private static final long MAX_FEED_FORWARD = 1 << 24;
    private static final long MAX_POOLING = 4;

    /** The window times 256 sequences fits 32 bits, in which llama.cpp multiplies them. */
    private static final long MAX_WINDOW = 1 << 22;

    private static final Set<String> STEPPED = Set.of("ernie4_5-moe");

    private LayerRules() {}

    static void check(ModelHeader header) {
        long layers = header.whole(header.own("block_count")).orElse(1);
        header.range(header.own("block_count"), layers, 1, MAX_LAYERS);
        own(header, "nextn_predict_layers", 0, layers - 1);
        own(header, "leading_dense_block_count", 0, layers);
        own(header, "context_length", 1, Integer.MAX_VALUE);
        own(header, "embedding_length", 1, MAX_WIDTH);
        own(header, "embedding_length_out", 0, MAX_WIDTH);
        own(header, "attention.sliding_window", 0, MAX_WINDOW);
        perLayer(header, "feed_forward_length", (int) layers);
        perLayer(header, "expert_feed_forward_length", (int) layers);
        // All ones stand for "none said".
        header.whole(header.own("pooling_type"))
                .ifPresent(pooling -> header.range(
                        header.own("pooling_type"), pooling == ModelHeader.NONE ? 0 : pooling, 0, MAX_POOLING));
        for (String epsilon : List.of("layer_norm_rms_epsilon", "layer_norm_epsilon", "group_norm_epsilon")) {
            header.finite(header.own("attention." + epsilon), 0, Float.MAX_VALUE);
        }
        temperature(header);
        if (STEPPED.contains(header.architecture())) {
            own(header, "interleave_moe_layer_step", 1, MAX_LAYERS);
        }
    }

    private static void own(ModelHeader header, String key, long min, long max) {
        header.range(header.own(key), header.whole(header.own(key)), min, max);
    }

    private static void perLayer(ModelHeader header, String key, int layers) {
        for (int i = 0; i < layers; i++) {
            header.range(header.own(key), header.whole(header.own(key), i), 0, MAX_FEED_FORWARD);
        }
    }

    /** What llama.cpp divides positions by, where attention cools with them. */
    private static void temperature(ModelHeader header) {
        if (header.real(header.own("attention.temperature_scale")).orElse(0) != 0) {
            String length = header.own("attention.temperature_length");
            long missing = 0;
            if (header.architecture().equals("mistral3")) {
                length = header.own("rope.scaling.original_context_length");
                missing = header.number("context_length");
            }
            header.range(length, header.whole(length).orElse(missing), 1, Integer.MAX_VALUE);
        }
    }
}
