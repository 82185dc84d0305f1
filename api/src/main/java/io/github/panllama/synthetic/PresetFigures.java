package io.github.panllama.synthetic;

import io.github.panllama.gguf.GgmlType;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All that a file says of a known model but its weights.
 *
 * @param title what people call it
 * @param ropeBase how slowly positions turn
 * @param epsilon what is added before a norm divides
 * @param extra keys that only this model has
 */
record PresetFigures(
        String title,
        Shape shape,
        Blueprint blueprint,
        PresetVocabulary vocabulary,
        float ropeBase,
        float epsilon,
        Consumer<Blueprint.Keys> extra) {
    private static final int LONG_CONTEXT = 131_072;
    private static final int DEEPSEEK_CONTEXT = 163_840;

    /** Lengths of every layer's heads and feed-forward network. */
    record Sizes(int embedding, int layers, int heads, int kvHeads, int feedForward) {}

    /** What a mixture of experts has. */
    record Experts(int count, int active, int shared, int feedForward, int leadingDense) {}

    /** A model of Qwen 2's architecture. */
    static PresetFigures qwen(String title, int vocabulary, Sizes sizes, float ropeBase, float epsilon) {
        return new PresetFigures(
                title,
                dense(Architecture.QWEN2, vocabulary, sizes),
                new DenseBlueprint(true),
                PresetVocabulary.QWEN,
                ropeBase,
                epsilon,
                _ -> {});
    }

    /** Llama 3.1 8B. */
    static PresetFigures llama(String title, Sizes sizes) {
        return new PresetFigures(
                title,
                dense(Architecture.LLAMA, 128_256, sizes),
                new DenseBlueprint(false),
                PresetVocabulary.LLAMA,
                500_000,
                1e-5f,
                _ -> {});
    }

    /** DeepSeek V2 Lite. */
    static PresetFigures lite(String title, Sizes sizes, Experts experts) {
        return new PresetFigures(
                title,
                latent(102_400, sizes, experts, 0),
                new DeepSeek2Blueprint(false),
                PresetVocabulary.DEEPSEEK_V2,
                10_000,
                1e-6f,
                keys -> yarn(keys.put("expert_weights_scale", 1f), 0.0707f));
    }

    /** DeepSeek V3. */
    static PresetFigures full(String title, Sizes sizes, Experts experts) {
        return new PresetFigures(
                title,
                latent(129_280, sizes, experts, 1536),
                new DeepSeek2Blueprint(true),
                PresetVocabulary.DEEPSEEK_V3,
                10_000,
                1e-6f,
                keys -> yarn(
                        keys.put("expert_weights_scale", 2.5f)
                                .put("expert_group_count", 8)
                                .put("expert_group_used_count", 4),
                        0.1f));
    }

    private static void yarn(Blueprint.Keys keys, float logMultiplier) {
        keys.writer().put(keys.architecture() + ".rope.scaling.type", "yarn");
        keys.put("rope.scaling.factor", 40f)
                .put("rope.scaling.original_context_length", 4096)
                .put("rope.scaling.yarn_log_multiplier", logMultiplier);
    }

    private static Shape dense(Architecture architecture, int vocabulary, Sizes sizes) {
        int head = sizes.embedding() / sizes.heads();
        return new Shape(
                architecture,
                vocabulary,
                LONG_CONTEXT,
                sizes.embedding(),
                sizes.layers(),
                sizes.heads(),
                sizes.kvHeads(),
                head,
                head,
                head,
                sizes.feedForward(),
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                false,
                GgmlType.F32,
                null);
    }

    private static Shape latent(int vocabulary, Sizes sizes, Experts experts, int queryRank) {
        return new Shape(
                Architecture.DEEPSEEK2,
                vocabulary,
                DEEPSEEK_CONTEXT,
                sizes.embedding(),
                sizes.layers(),
                sizes.heads(),
                sizes.kvHeads(),
                128,
                64,
                128,
                sizes.feedForward(),
                experts.count(),
                experts.active(),
                experts.shared(),
                experts.feedForward(),
                experts.leadingDense(),
                queryRank,
                512,
                0,
                false,
                GgmlType.F32,
                null);
    }

    /** Adds the keys of a model with as many layers. */
    void describe(Blueprint.Keys keys, Shape cut) {
        keys.put("vocab_size", cut.vocabularySize())
                .put("context_length", cut.contextLength())
                .put("embedding_length", cut.embeddingLength())
                .put("block_count", cut.layers());
        blueprint.metadata(cut, keys);
        keys.put("attention.layer_norm_rms_epsilon", epsilon).put("rope.freq_base", ropeBase);
        extra.accept(keys);
    }

    /** Adds the tensors of a model with as many layers. */
    void addTo(BlockWeights weights, Shape cut) {
        blueprint.frame(cut, weights, _ -> false);
        float[] divisors = ropeDivisors();
        if (divisors != null) {
            weights.row("rope_freqs.weight", divisors);
        }
        for (int i = 0; i < cut.layers(); i++) {
            blueprint.layer(cut, weights, i, "blk." + i + '.');
        }
    }

    /**
     * What each pair of a head turns slower by, in Llama 3.1: those that turn less than once in the 8,192 positions of
     * its first training by 8, those that turn more than 4 times by 1, those between by something between.
     */
    private float @Nullable [] ropeDivisors() {
        if (shape.architecture() != Architecture.LLAMA) {
            return null;
        }
        float[] divisors = new float[shape.headLength() / 2];
        for (int i = 0; i < divisors.length; i++) {
            double turns = 8192 * Math.pow(ropeBase, -2.0 * i / shape.headLength()) / (2 * Math.PI);
            double kept = Math.clamp((turns - 1) / 3, 0.0, 1.0);
            divisors[i] = (float) (1 / ((1 - kept) / 8 + kept));
        }
        return divisors;
    }
}
