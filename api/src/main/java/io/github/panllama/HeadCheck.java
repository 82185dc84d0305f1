package io.github.panllama;

import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufMetadata;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Whether the numbers and lengths of a model's attention heads agree with each other and with its tensors. llama.cpp
 * takes them as they are and asserts, when it computes, that they do.
 */
final class HeadCheck {
    private static final long UINT32 = 0xffff_ffffL;
    private static final int MAX_LENGTH = 1 << 20;

    /** Where queries, keys and values are tensors of their own, with one row for each value of each head. */
    private static final Set<String> PLAIN =
            Set.of("llama", "qwen2", "qwen2moe", "qwen3", "qwen3moe", "gemma", "gemma2");

    private final String file;
    private final String architecture;
    private final GgufMetadata metadata;
    private final List<GgufFile> files;
    private final Map<String, Object> overrides;

    HeadCheck(String file, String architecture, List<GgufFile> files, Map<String, Object> overrides) {
        this.file = file;
        this.architecture = architecture;
        this.metadata = files.getFirst().metadata();
        this.files = files;
        this.overrides = overrides;
    }

    /** {@code ModelLoadException} names the key or tensor, its value and what it must be. */
    void run() {
        long heads = number("attention.head_count", 0).orElse(0);
        if (heads == 0) {
            return; // no attention, or in some layers only
        }
        long width = number("embedding_length", 0).orElse(0);
        long keyLength = number("attention.key_length", 0).orElse(width / heads);
        long valueLength = number("attention.value_length", 0).orElse(width / heads);
        range("attention.key_length", keyLength, 1, MAX_LENGTH);
        range("attention.value_length", valueLength, 0, MAX_LENGTH);
        long rope = number("rope.dimension_count", 0).orElse(keyLength);
        range("rope.dimension_count", rope, 0, keyLength);
        OptionalLong latent = number("attention.key_length_mla", 0);
        if (latent.orElse(0) > 0) {
            range("attention.key_length_mla", latent.getAsLong(), rope + 1, MAX_LENGTH);
            if (architecture.equals("deepseek2")) {
                long rank = number("attention.kv_lora_rank", 0).orElse(0);
                range("attention.key_length", keyLength, rank + rope, rank + rope);
            }
        }
        if (PLAIN.contains(architecture)) {
            tensors(keyLength, valueLength);
        }
    }

    private void tensors(long keyLength, long valueLength) {
        for (int layer = 0; ; layer++) {
            Optional<GgufTensor> queries = tensor(layer, "attn_q");
            if (queries.isEmpty()) {
                return; // past the last layer, or one tensor for all three
            }
            long heads = number("attention.head_count", layer).orElse(0);
            long keyHeads = number("attention.head_count_kv", layer).orElse(heads);
            rows(queries, heads, keyLength);
            rows(tensor(layer, "attn_k"), keyHeads, keyLength);
            rows(tensor(layer, "attn_v"), keyHeads, valueLength);
            if (keyHeads > 0 && heads % keyHeads != 0) {
                throw refused("%d heads cannot share %d heads of keys evenly".formatted(heads, keyHeads));
            }
        }
    }

    private void rows(Optional<GgufTensor> tensor, long heads, long length) {
        if (tensor.isPresent() && tensor.get().rows() != heads * length) {
            throw refused("tensor %s has %d rows, must have %d heads of %d"
                    .formatted(tensor.get().name(), tensor.get().rows(), heads, length));
        }
    }

    private Optional<GgufTensor> tensor(int layer, String name) {
        return files.stream()
                .flatMap(gguf -> gguf.tensor("blk." + layer + '.' + name + ".weight").stream())
                .findFirst();
    }

    private void range(String key, long value, long min, long max) {
        if (value < min || value > max) {
            throw refused("%s.%s is %d, must be in [%d, %d]".formatted(architecture, key, value, min, max));
        }
    }

    private ModelLoadException refused(String reason) {
        return new ModelLoadException("Cannot load %s: %s".formatted(file, reason), List.of());
    }

    /** The number for a layer, or for all of them; empty where it is none, which C refuses by itself. */
    private OptionalLong number(String key, int layer) {
        String full = architecture + '.' + key;
        GgufValue value = metadata.find(full).orElse(null);
        if (value instanceof GgufValue.Array numbers) {
            return layer < numbers.size() && numbers.get(layer) instanceof GgufValue.Whole number
                    ? OptionalLong.of(number.value() & UINT32)
                    : OptionalLong.empty();
        }
        if (overrides.get(full) instanceof Long override) {
            return OptionalLong.of(override & UINT32);
        }
        return value instanceof GgufValue.Whole number
                ? OptionalLong.of(number.value() & UINT32)
                : OptionalLong.empty();
    }
}
