package io.github.panllama.mutants;

import io.github.panllama.gguf.GgufType;
import io.github.panllama.gguf.GgufValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Damages the vocabulary: texts, types and merges of tokens, and how it calls itself. */
final class TokenMutator {
    private static final String[] MODELS = {
        "llama", "gpt2", "bert", "t5", "rwkv", "plamo2", "gemma4", "test", "hybriddna"
    };
    private static final String[] TEXTS = {
        "",
        "\0",
        "a",
        "a\0b",
        " ",
        "\n",
        "<0x0A>",
        "<0xZZ>",
        "<0x",
        "▁",
        "\uFFFD",
        "[EMPTY_3]",
        "<|eot_id|>",
        "<|end|>",
        "<|return|>",
        "<|call|>",
        "</s>",
        "<|fim_prefix|>",
        "<mask>"
    };

    private final GgufParts parts;
    private final SplittableRandom random;
    private final List<String> done;

    TokenMutator(GgufParts parts, SplittableRandom random, List<String> done) {
        this.parts = parts;
        this.random = random;
        this.done = done;
    }

    void mutate() {
        switch (random.nextInt(5)) {
            case 0 -> set("tokenizer.ggml.model", GgufValue.text(MODELS[random.nextInt(MODELS.length)]));
            case 1, 2 -> texts(random.nextInt(3) == 0 ? "tokenizer.ggml.merges" : "tokenizer.ggml.tokens");
            case 3 -> types();
            default -> {
                float[] scores = new float[512];
                for (int i = 0; i < scores.length; i++) {
                    scores[i] = random.nextInt(8) == 0 ? BoundaryValues.real(random) : -i;
                }
                set("tokenizer.ggml.scores", GgufValue.float32s(scores));
            }
        }
    }

    private void set(String key, GgufValue value) {
        parts.entries.removeIf(entry -> entry.name().equals(key));
        parts.entries.add(GgufParts.entry(key, value));
        done.add(key + " changed to " + (value instanceof GgufValue.Text ? value : "another array"));
    }

    private void texts(String key) {
        GgufParts.Entry entry = find(key);
        if (entry == null || entry.type != GgufType.ARRAY.id()) {
            return;
        }
        ByteBuffer in = ByteBuffer.wrap(entry.value).order(ByteOrder.LITTLE_ENDIAN);
        if (in.getInt() != GgufType.STRING.id()) {
            return;
        }
        List<String> texts = new ArrayList<>();
        for (long count = in.getLong(); count > 0; count--) {
            byte[] text = new byte[(int) in.getLong()];
            in.get(text);
            texts.add(new String(text, StandardCharsets.UTF_8));
        }
        for (int i = random.nextInt(1, 4); i > 0 && !texts.isEmpty(); i--) {
            int at = random.nextInt(texts.size());
            switch (random.nextInt(6)) {
                case 0 -> texts.remove(at);
                case 1 -> texts.add(at, "new" + at);
                case 2 -> texts.set(at, texts.get(random.nextInt(texts.size())));
                case 3 -> texts.set(at, "x".repeat(1 << random.nextInt(16)));
                default -> texts.set(at, TEXTS[random.nextInt(TEXTS.length)]);
            }
        }
        set(key, GgufValue.texts(texts));
    }

    private void types() {
        int[] types = new int[512];
        for (int i = 0; i < types.length; i++) {
            types[i] = random.nextInt(4) == 0 ? random.nextInt(-1, 9) : 1;
        }
        set("tokenizer.ggml.token_type", GgufValue.int32s(types));
    }

    private GgufParts.@Nullable Entry find(String key) {
        return parts.entries.stream()
                .filter(entry -> entry.name().equals(key))
                .findFirst()
                .orElse(null);
    }
}
