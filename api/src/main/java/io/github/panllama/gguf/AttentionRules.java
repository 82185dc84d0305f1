package io.github.panllama.gguf;

import java.util.Set;

/** Heads of architectures that are built unlike the usual ones. */
final class AttentionRules {
    /** All heads together are as wide as the model: their matrices are square. */
    static final Set<String> AS_WIDE = Set.of(
            "bailingmoe2",
            "bitnet",
            "bloom",
            "chatglm",
            "cohere2",
            "command-r",
            "deepseek2-ocr",
            "eurobert",
            "gpt2",
            "gptneox",
            "jais",
            "jamba",
            "lfm2",
            "lfm2moe",
            "modern-bert",
            "mpt",
            "neo-bert",
            "phi2",
            "phi3",
            "qwen",
            "stablelm",
            "starcoder");

    /** Heads share one latent vector, in those of their layers that have attention. */
    static final Set<String> COMPRESSED = Set.of("bailingmoe3", "dots3note", "hy_v4", "kimi-k3", "kimi-linear");

    /** The others have layers that keep a state, without heads of keys. */
    private static final Set<String> ALL_HAVE_KEYS = Set.of("dots3note", "hy_v4");

    private static final String HEADS = "attention.head_count";
    private static final String KEY_HEADS = "attention.head_count_kv";
    private static final String KEYS = "attention.key_length";
    private static final String VALUES = "attention.value_length";

    private AttentionRules() {}

    /** The length of keys or values; what a file leaves out is the width divided by the heads. */
    static long length(ModelHeader header, String key) {
        long heads = header.number(HEADS, 0);
        long missing = heads == 0 ? 0 : header.number("embedding_length", 0) / heads;
        return header.whole(header.own(key)).orElse(missing);
    }

    static void fillWidth(ModelHeader header) {
        long heads = header.number(HEADS, 0);
        if (heads == 0) {
            return; // no attention
        }
        long width = header.number("embedding_length", 0);
        for (String key : new String[] {KEYS, VALUES}) {
            long length = length(header, key);
            if (length * heads != width) {
                throw header.invalid(
                        header.own(key),
                        "is %d for each of %d heads, must be %d for all together".formatted(length, heads, width));
            }
        }
    }

    /** Heads are alike in layers with and without a window: one graph is for both. */
    static void windowedHeads(ModelHeader header) {
        long keys = length(header, KEYS);
        long values = length(header, VALUES);
        header.ownRange("attention.key_length_swa", keys, keys);
        header.ownRange("attention.value_length_swa", values, values);
        String architecture = header.architecture();
        if (HeadFamilies.turnsWholly(architecture) || architecture.equals("gpt-oss")) {
            header.ownRange("rope.dimension_count_swa", keys, keys);
        }
    }

    /** Their matrices have rows for the part of a head that turns. */
    static void turnWholly(ModelHeader header) {
        long keys = length(header, KEYS);
        String key = header.own("rope.dimension_count");
        header.range(key, RopeRules.dimensions(header, keys), keys, keys);
        header.range(header.own(VALUES), length(header, VALUES), keys, keys);
    }

    static void ownKeys(ModelHeader header) {
        long heads = header.number(HEADS, 0);
        header.ownRange(KEY_HEADS, heads, heads);
    }

    static void latent(ModelHeader header) {
        for (String key : new String[] {"attention.key_length_mla", "attention.value_length_mla"}) {
            header.range(header.own(key), header.number(key, 0), 1, ModelHeader.NONE);
        }
    }

    /** The cache has the latent vector and what turns, for one head. */
    static void compressed(ModelHeader header) {
        if (header.number("attention.key_length_mla", 0) == 0 || header.number("attention.value_length_mla", 0) == 0) {
            return;
        }
        long keys = length(header, KEYS);
        long turning = RopeRules.dimensions(header, keys);
        long cached = header.number("attention.kv_lora_rank", 0) + turning;
        header.range(header.own(KEYS), keys, cached, cached);
        if (header.architecture().equals("dots3note")) {
            long windowed = header.number("attention.kv_lora_rank_swa", 0)
                    + header.whole(header.own("rope.dimension_count_swa")).orElse(turning);
            header.ownRange("attention.key_length_swa", windowed, windowed);
        }
        String key = header.own(KEY_HEADS);
        int least = ALL_HAVE_KEYS.contains(header.architecture()) ? 1 : 0;
        for (int layer = 0; layer < header.layers(); layer++) {
            long heads = header.number(HEADS, layer);
            header.range(key, header.whole(key, layer).orElse(heads), least, 1);
        }
    }

    /** What chooses tokens has keys of its own, of which as much turns as of the others. */
    static void indexed(ModelHeader header) {
        long turning = RopeRules.dimensions(header, length(header, KEYS));
        header.ownRange("attention.indexer.key_length", turning, ModelHeader.NONE);
    }

    /** A layer either chooses tokens or takes those that one before it chose. */
    static void firstChooses(ModelHeader header) {
        String key = header.own("attention.indexer.types");
        if (header.value(key) != null && header.whole(key, 0).orElse(1) == 0) {
            throw header.invalid(key, "is 0 in layer 0, which has none before it to take tokens of: must be 1");
        }
    }

    /** Each layer without a window chooses tokens, and there is one at least. */
    static void choosers(ModelHeader header) {
        String key = header.own("attention.indexer.types");
        int choosing = 0;
        for (int layer = 0; layer < header.ownLayers(); layer++) {
            if (!WindowRules.isWindowed(header, layer)) {
                choosing++;
                if (header.whole(key, layer).orElse(0) == 0) {
                    throw header.invalid(key, "is 0 in layer %d, which has no window: must be 1".formatted(layer));
                }
            }
        }
        if (choosing == 0) {
            throw header.invalid(key, "is 1 in no layer without a window, must be in one or more");
        }
    }

    /** Tokens are chosen in blocks, by one head of the chooser for each head of keys. */
    static void blocks(ModelHeader header) {
        header.ownRange("attention.indexer.block_size", 1, Integer.MAX_VALUE);
        header.ownRange("attention.indexer.top_k", 1, Integer.MAX_VALUE);
        header.ownRange("attention.indexer.local_blocks", 0, Integer.MAX_VALUE);
        long heads = header.number(HEADS, 0);
        int dense = (int) Math.min(header.number("leading_dense_block_count", 0), header.ownLayers());
        for (int layer = dense; layer < header.ownLayers(); layer++) {
            long keyHeads = header.whole(header.own(KEY_HEADS), layer).orElse(heads);
            header.ownRange("attention.indexer.head_count", keyHeads, keyHeads);
        }
    }

    static void outputGroups(ModelHeader header) {
        if (header.architecture().equals("dflash") && !PieceRules.hasHyperConnections(header)) {
            return;
        }
        String key = header.own("attention.output_group_count");
        long groups = header.whole(key).orElse(0);
        header.range(key, groups, 1, ModelHeader.NONE);
        long heads = header.number(HEADS, 0);
        if (heads % groups != 0) {
            throw header.invalid(key, "is %d, must divide the %d heads".formatted(groups, heads));
        }
        header.range(header.own(VALUES), length(header, VALUES), length(header, KEYS), length(header, KEYS));
        if (header.architecture().equals("dflash")) {
            header.ownRange("attention.sliding_window", 1, ModelHeader.NONE);
        }
    }

    /** A gate opens for a head, or for each number of it. */
    static void gateOfHeads(ModelHeader header) {
        long keys = length(header, KEYS);
        for (int layer = 0; layer < header.layers(); layer++) {
            long heads = header.number(HEADS, layer);
            header.tensor("blk." + layer + ".attn_gate.weight")
                    .filter(gate -> gate.rows() != heads && gate.rows() != heads * keys)
                    .ifPresent(gate -> {
                        throw header.invalidTensor(
                                gate.name(),
                                "has %d rows, must have %d or %d".formatted(gate.rows(), heads, heads * keys));
                    });
        }
    }
}
