package io.github.panllama.synthetic;

import io.github.panllama.gguf.GgufWriter;
import java.util.function.LongPredicate;

/** What one architecture's files hold: keys and tensors as llama.cpp looks for them. */
interface Blueprint {
    /** Logits of an untied or tied output spread about this far, so that sampling has something to choose from. */
    float LOGIT_SPREAD = 2.5f;

    /** Queries and keys are larger than their input, so that attention picks and the output depends on the past. */
    float ATTENTION_GAIN = 1.6f;

    /** Outputs of layers are larger than 1: what comes out is then not just the token that went in. */
    float OUTPUT_GAIN = 2;

    /** Adds the architecture's own keys. */
    void metadata(Shape shape, Keys keys);

    /** Adds the tensors of one layer; names begin with the prefix. */
    void layer(Shape shape, Weights weights, int index, String prefix);

    /** Adds the tensors outside the layers. */
    default void frame(Shape shape, Weights weights, LongPredicate quiet) {
        long width = shape.embeddingLength();
        float output = LOGIT_SPREAD / (float) Math.sqrt((double) width);
        float embedding = shape.tiedEmbeddings() ? output : 1;
        weights.tokens("token_embd.weight", embedding, quiet, width, shape.vocabularySize())
                .norm("output_norm.weight", width);
        if (!shape.tiedEmbeddings()) {
            weights.tokens("output.weight", output, quiet, width, shape.vocabularySize());
        }
    }

    /** The blueprint of an architecture. */
    static Blueprint of(Architecture architecture) {
        return switch (architecture) {
            case LLAMA -> new DenseBlueprint(false);
            case QWEN2 -> new DenseBlueprint(true);
            case DEEPSEEK2 -> new DeepSeek2Blueprint(true);
            case QWEN3MOE -> new Qwen3MoeBlueprint();
            case MAMBA2 -> new Mamba2Blueprint();
            case NOMIC_BERT -> new NomicBertBlueprint();
            case BERT -> new BertBlueprint();
        };
    }

    /** Sets keys under the architecture's name. */
    record Keys(GgufWriter writer, String architecture) {
        Keys put(String key, long value) {
            writer.put(architecture + '.' + key, value);
            return this;
        }

        Keys put(String key, float value) {
            writer.put(architecture + '.' + key, value);
            return this;
        }

        Keys put(String key, boolean value) {
            writer.put(architecture + '.' + key, value);
            return this;
        }
    }

    /** Keys of attention with a head length and, in most architectures, fewer key-value heads. */
    static Keys attention(Shape shape, Keys keys) {
        return keys.put("attention.head_count", shape.heads())
                .put("attention.head_count_kv", shape.kvHeads())
                .put("attention.key_length", shape.headLength())
                .put("attention.value_length", shape.headLength())
                .put("attention.layer_norm_rms_epsilon", 1e-6f)
                .put("rope.dimension_count", shape.headLength())
                .put("rope.freq_base", 10_000f);
    }

    /** Projections to queries, keys and values, and back. */
    static void attention(Shape shape, Weights weights, String prefix) {
        long width = shape.embeddingLength();
        long queries = (long) shape.heads() * shape.headLength();
        long keys = (long) shape.kvHeads() * shape.headLength();
        weights.matrix(prefix + "attn_q.weight", ATTENTION_GAIN, width, queries)
                .matrix(prefix + "attn_k.weight", ATTENTION_GAIN, width, keys)
                .matrix(prefix + "attn_v.weight", 1, width, keys)
                .matrix(prefix + "attn_output.weight", OUTPUT_GAIN, queries, width);
    }

    /** A gated feed-forward network; the suffix names shared experts. */
    static void feedForward(Weights weights, String prefix, String suffix, long width, long inner) {
        weights.matrix(prefix + "ffn_gate" + suffix + ".weight", 1, width, inner)
                .matrix(prefix + "ffn_up" + suffix + ".weight", 1, width, inner)
                .matrix(prefix + "ffn_down" + suffix + ".weight", OUTPUT_GAIN, inner, width);
    }

    /** A router, which stays in F32, and its experts. */
    static void experts(Shape shape, Weights weights, String prefix) {
        long width = shape.embeddingLength();
        long inner = shape.expertFeedForwardLength();
        long count = shape.experts();
        float bound = 2 * (float) Math.sqrt(3.0 / width);
        weights.vector(prefix + "ffn_gate_inp.weight", -bound, bound, width, count)
                .matrix(prefix + "ffn_gate_exps.weight", 1, width, inner, count)
                .matrix(prefix + "ffn_up_exps.weight", 1, width, inner, count)
                .matrix(prefix + "ffn_down_exps.weight", OUTPUT_GAIN, inner, width, count);
    }
}
