package io.github.panllama.bench;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Writes the header of a model of 7 billion parameters and 150,000 tokens; the weights are a hole in the file. */
final class LargeHeader {
    private static final int TOKENS = 150_000;
    private static final int MERGES = 149_000;
    private static final int LAYERS = 32;
    private static final int WIDTH = 4096;
    private static final int FEED_FORWARD = 11_008;
    private static final int ALIGNMENT = 32;
    private static final int KEYS = 17;

    private final ByteBuffer header = ByteBuffer.allocate(1 << 25).order(ByteOrder.LITTLE_ENDIAN);
    private int tensors;
    private long offset;

    private LargeHeader() {}

    /** Writes it; the file seems to have 4 GB and takes 8 MB. */
    static void write(Path file) throws IOException {
        LargeHeader large = new LargeHeader();
        large.metadata();
        large.tensors();
        large.header.putLong(8, large.tensors);
        int size = pad(large.header.position());
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(0);
            out.write(large.header.array(), 0, large.header.position());
            out.setLength(size + large.offset);
        }
    }

    private void metadata() {
        header.put("GGUF".getBytes(StandardCharsets.US_ASCII))
                .putInt(3)
                .putLong(0)
                .putLong(KEYS);
        text("general.architecture", "llama");
        text("general.name", "header of 7B");
        number("llama.block_count", LAYERS);
        number("llama.context_length", 8192);
        number("llama.embedding_length", WIDTH);
        number("llama.feed_forward_length", FEED_FORWARD);
        number("llama.attention.head_count", 32);
        number("llama.attention.head_count_kv", 32);
        key("llama.attention.layer_norm_rms_epsilon", GgufType.FLOAT32);
        header.putFloat(1e-5f);
        text("tokenizer.ggml.model", "gpt2");
        text("tokenizer.ggml.pre", "qwen2");
        array("tokenizer.ggml.tokens", GgufType.STRING, TOKENS);
        for (int i = 0; i < TOKENS; i++) {
            string("t" + Integer.toString(i * 7919, 36));
        }
        array("tokenizer.ggml.token_type", GgufType.INT32, TOKENS);
        for (int i = 0; i < TOKENS; i++) {
            header.putInt(1);
        }
        array("tokenizer.ggml.merges", GgufType.STRING, MERGES);
        for (int i = 0; i < MERGES; i++) {
            string("t" + Integer.toString(i, 36) + " " + Integer.toString(i * 31, 36));
        }
        number("tokenizer.ggml.bos_token_id", 1);
        number("tokenizer.ggml.eos_token_id", 2);
        text(
                "tokenizer.chat_template",
                "{% for m in messages %}{{ m['role'] + ': ' + m['content'] }}{% endfor %}".repeat(40));
    }

    private void tensors() {
        tensor("token_embd.weight", GgmlType.Q4_K, WIDTH, TOKENS);
        tensor("output_norm.weight", GgmlType.F32, WIDTH);
        tensor("output.weight", GgmlType.Q6_K, WIDTH, TOKENS);
        for (int i = 0; i < LAYERS; i++) {
            String layer = "blk." + i + '.';
            for (String norm : new String[] {"attn_norm", "ffn_norm"}) {
                tensor(layer + norm + ".weight", GgmlType.F32, WIDTH);
            }
            for (String square : new String[] {"attn_q", "attn_k", "attn_v", "attn_output"}) {
                tensor(layer + square + ".weight", GgmlType.Q4_K, WIDTH, WIDTH);
            }
            tensor(layer + "ffn_gate.weight", GgmlType.Q4_K, WIDTH, FEED_FORWARD);
            tensor(layer + "ffn_up.weight", GgmlType.Q4_K, WIDTH, FEED_FORWARD);
            tensor(layer + "ffn_down.weight", GgmlType.Q4_K, FEED_FORWARD, WIDTH);
        }
    }

    private void tensor(String name, GgmlType type, long... shape) {
        string(name);
        header.putInt(shape.length);
        long elements = 1;
        for (long length : shape) {
            header.putLong(length);
            elements *= length;
        }
        header.putInt(type.id()).putLong(offset);
        offset += (type.byteSize(elements) + ALIGNMENT - 1) & -ALIGNMENT;
        tensors++;
    }

    private void key(String key, GgufType type) {
        string(key);
        header.putInt(type.id());
    }

    private void array(String key, GgufType type, int count) {
        key(key, GgufType.ARRAY);
        header.putInt(type.id()).putLong(count);
    }

    private void text(String key, String value) {
        key(key, GgufType.STRING);
        string(value);
    }

    private void number(String key, int value) {
        key(key, GgufType.UINT32);
        header.putInt(value);
    }

    private void string(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        header.putLong(bytes.length).put(bytes);
    }

    private static int pad(int size) {
        return (size + ALIGNMENT - 1) & -ALIGNMENT;
    }
}
