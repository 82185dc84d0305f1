package io.github.panllama.gguf;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** The header of a well-known model as llama.cpp's converter writes it, with the tensors of a layer or two. */
final class RealHeader {
    private static final String TOKENIZER = "tokenizer.ggml.";

    private final GgufWriter writer = new GgufWriter();
    private final String architecture;

    RealHeader(String architecture) {
        this.architecture = architecture;
        writer.put("general.architecture", architecture)
                .put("general.quantization_version", 2)
                .put("general.file_type", 1);
    }

    /** Sets a key of the architecture's own. */
    RealHeader own(String key, long value) {
        writer.put(architecture + '.' + key, value);
        return this;
    }

    RealHeader own(String key, float value) {
        writer.put(architecture + '.' + key, value);
        return this;
    }

    RealHeader own(String key, GgufValue value) {
        writer.put(architecture + '.' + key, value);
        return this;
    }

    RealHeader put(String key, GgufValue value) {
        writer.put(key, value);
        return this;
    }

    RealHeader size(long layers, long context, long width, long feedForward) {
        return own("block_count", layers)
                .own("context_length", context)
                .own("embedding_length", width)
                .own("feed_forward_length", feedForward);
    }

    RealHeader heads(long heads, long keyHeads) {
        return own("attention.head_count", heads).own("attention.head_count_kv", keyHeads);
    }

    RealHeader lengths(long keys, long values) {
        return own("attention.key_length", keys).own("attention.value_length", values);
    }

    RealHeader experts(long experts, long used, long feedForward) {
        return own("expert_count", experts)
                .own("expert_used_count", used)
                .own("expert_feed_forward_length", feedForward);
    }

    RealHeader yarn(float factor, long original) {
        return own("rope.scaling.type", GgufValue.text("yarn"))
                .own("rope.scaling.factor", factor)
                .own("rope.scaling.original_context_length", original);
    }

    RealHeader vocabulary(String model, String pre, int tokens) {
        writer.put(TOKENIZER + "model", model)
                .put(TOKENIZER + "pre", pre)
                .put(
                        TOKENIZER + "tokens",
                        GgufValue.texts(IntStream.range(0, tokens)
                                .mapToObj(i -> "t" + i)
                                .toList()))
                .put(
                        TOKENIZER + "token_type",
                        GgufValue.int32s(
                                IntStream.generate(() -> 1).limit(tokens).toArray()));
        if (model.equals("gpt2")) {
            writer.put(TOKENIZER + "merges", GgufValue.texts(Collections.nCopies(100, "t 1")));
        } else if (!model.equals("bert")) {
            writer.put(TOKENIZER + "scores", GgufValue.float32s(new float[tokens]));
        }
        return this;
    }

    RealHeader special(String name, long id) {
        writer.put(TOKENIZER + name + "_token_id", id);
        return this;
    }

    /** The tokens that begin and end a text. */
    RealHeader ends(long begin, long end) {
        return special("bos", begin).special("eos", end);
    }

    /** The vocabulary of BERT, and what a model has that makes one vector of a text with it. */
    RealHeader encoder(String pre, int tokens) {
        return own("attention.layer_norm_epsilon", 1e-12f)
                .own("attention.causal", GgufValue.bool(false))
                .own("pooling_type", 1)
                .put(TOKENIZER + "token_type_count", GgufValue.uint32(2))
                .vocabulary("bert", pre, tokens)
                .ends(101, 102)
                .special("unknown", 100)
                .special("seperator", 102);
    }

    RealHeader flag(String name, boolean value) {
        writer.put(TOKENIZER + name, value);
        return this;
    }

    RealHeader tensor(GgmlType type, String name, long... shape) {
        writer.tensor(name, type, out -> {}, shape);
        return this;
    }

    RealHeader matrix(String name, long... shape) {
        return tensor(GgmlType.F16, name + ".weight", shape);
    }

    /** Several tensors of plain numbers. */
    RealHeader plain(List<String> names, long... shape) {
        names.forEach(name -> tensor(GgmlType.F32, name, shape));
        return this;
    }

    RealHeader embeddings(long width, long tokens, boolean tied) {
        matrix("token_embd", width, tokens).plain(List.of("output_norm.weight"), width);
        return tied ? this : matrix("output", width, tokens);
    }

    /** The matrices of a layer's attention, and its norms. */
    RealHeader attention(int layer, long width, long queries, long keys) {
        String prefix = "blk." + layer + '.';
        return plain(List.of(prefix + "attn_norm.weight", prefix + "ffn_norm.weight"), width)
                .matrix(prefix + "attn_q", width, queries)
                .matrix(prefix + "attn_k", width, keys)
                .matrix(prefix + "attn_v", width, keys)
                .matrix(prefix + "attn_output", queries, width);
    }

    RealHeader feedForward(int layer, long width, long inner) {
        String prefix = "blk." + layer + ".ffn_";
        return matrix(prefix + "gate", width, inner)
                .matrix(prefix + "up", width, inner)
                .matrix(prefix + "down", inner, width);
    }

    RealHeader expertMatrices(int layer, GgmlType type, long width, long inner, long experts) {
        String prefix = "blk." + layer + ".ffn_";
        return plain(List.of(prefix + "gate_inp.weight"), width, experts)
                .tensor(type, prefix + "gate_exps.weight", width, inner, experts)
                .tensor(type, prefix + "up_exps.weight", width, inner, experts)
                .tensor(type, prefix + "down_exps.weight", inner, width, experts);
    }

    /** Writes the header over a hole as large as the weights, and reads it. */
    GgufFile write(Path file) throws IOException {
        try (RandomAccessFile target = new RandomAccessFile(file.toFile(), "rw")) {
            FileChannel channel = target.getChannel();
            writer.writeHeader(channel);
            target.setLength(writer.size());
        }
        return GgufFile.read(file);
    }
}
