package io.github.panllama.gguf;

import java.util.Set;

/** Sizes of parts that one architecture or a few have beside the usual ones. */
final class PieceRules {
    /** Those that ask the file how a token chooses its experts, and can do nothing where it does not say. */
    static final Set<String> GATED = Set.of(
            "bailingmoe2",
            "bailingmoe3",
            "deepseek32",
            "dots1",
            "dots3note",
            "exaone-moe",
            "hy_v4",
            "kimi-k3",
            "kimi-linear",
            "lfm2moe",
            "minimax-m2",
            "minimax-m3",
            "smallthinker");

    private static final int MAX_GATING = 4;

    /** Resnets, an attention and a norm, in this order. */
    private static final int MAX_POSITION_LAYERS = 6;

    /** A convolution looks at so many numbers at once. */
    private static final int KERNEL = 7;

    /** Where tokens of images end in the vocabulary of Chameleon. */
    private static final int IMAGE_TOKENS = 8196;

    private PieceRules() {}

    static void singleLayer(ModelHeader header) {
        header.range(header.own("block_count"), header.ownLayers(), 1, 1);
    }

    static void decoder(ModelHeader header) {
        header.ownRange("decoder_block_count", 1, header.layers());
    }

    /** Distances fall into buckets, half of them on a scale that ends at 128; both directions have their own. */
    static void buckets(ModelHeader header) {
        header.ownRange(
                "attention.relative_buckets_count", 4, header.architecture().equals("t5") ? 255 : 511);
    }

    static void speech(ModelHeader header) {
        header.ownRange("features_length", KERNEL, LayerRules.MAX_WIDTH);
        header.ownRange("posnet.block_count", 0, Math.min(MAX_POSITION_LAYERS, header.layers()));
        header.ownRange("convnext.block_count", 0, header.layers());
        long width = header.number("posnet.embedding_length");
        header.ownRange("convnext.embedding_length", width, width);
        header.ownRange("attention.group_norm_groups", 1, Math.max(1, width));
    }

    /** Two matrices that lead from the width of the model to another and back. */
    static void projections(ModelHeader header) {
        long width = header.number("embedding_length");
        for (String key : new String[] {"dense_2_feat_in", "dense_3_feat_out"}) {
            if (header.number(key) != 0) {
                header.ownRange(key, width, width);
            }
        }
        if (header.tensor("dense_2.weight").isPresent()
                && header.tensor("dense_3.weight").isPresent()) {
            long between = header.number("dense_2_feat_out");
            header.ownRange("dense_3_feat_in", between, between);
        }
    }

    static void images(ModelHeader header) {
        header.ownRange("n_deepstack_layers", 0, header.layers());
    }

    static void compression(ModelHeader header) {
        String key = header.own("attention.compress_ratios");
        header.array(key)
                .filter(ratios -> ratios.size() > LayerRules.MAX_LAYERS)
                .ifPresent(ratios -> {
                    throw header.invalid(
                            key, "has %d numbers, at most %d".formatted(ratios.size(), LayerRules.MAX_LAYERS));
                });
    }

    static boolean hasHyperConnections(ModelHeader header) {
        return header.number("hyper_connection.count") > 0;
    }

    static void gating(ModelHeader header) {
        boolean some = header.number("expert_count") > 0;
        long dense = header.number("leading_dense_block_count");
        if (some && dense < header.ownLayers()) {
            String key = header.own("expert_gating_func");
            header.range(key, header.whole(key).orElse(0), 1, MAX_GATING);
        }
    }

    /** Layers with a width for experts use some, and llama.cpp divides by their number where it is all that is said. */
    static void expertsOfEachLayer(ModelHeader header) {
        if (header.number("expert_count") == 0) {
            return;
        }
        String used = header.own("expert_used_count");
        for (int layer = 0; layer < header.ownLayers(); layer++) {
            if (header.number("feed_forward_length", layer) > 0) {
                long here = header.whole(used, layer).orElse(0);
                if (here == 0) {
                    throw header.invalid(
                            used, "is 0 in layer %d, which has experts: must be at least 1".formatted(layer));
                }
            }
        }
    }

    static void imageTokens(ModelHeader header) {
        if (header.value(TokenizerRules.TOKENS) instanceof TextArray tokens && tokens.size() < IMAGE_TOKENS) {
            throw header.invalid(
                    TokenizerRules.TOKENS,
                    "has %d tokens, must have at least %d, of which images take all but the first"
                            .formatted(tokens.size(), IMAGE_TOKENS));
        }
    }

    /** A feed-forward part that has its gate in the same matrix is twice as long. */
    static void gatedFeedForward(ModelHeader header) {
        long length = header.number("feed_forward_length", 0);
        for (int layer = 0; layer < header.layers(); layer++) {
            header.tensor("blk." + layer + ".ffn_up.weight")
                    .filter(tensor -> tensor.rows() != length && tensor.rows() != 2 * length)
                    .ifPresent(tensor -> {
                        throw header.invalidTensor(
                                tensor.name(),
                                "has %d rows, must have %d or %d".formatted(tensor.rows(), length, 2 * length));
                    });
        }
    }
}
