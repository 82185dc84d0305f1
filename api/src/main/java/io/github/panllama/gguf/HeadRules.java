package io.github.panllama.gguf;

import java.util.Optional;
import java.util.OptionalLong;

/** Whether numbers and lengths of attention heads agree with each other and with the tensors. */
final class HeadRules {
    private static final int MAX_LENGTH = 1 << 20;

    /** Numbers of one token in one layer of the cache; llama.cpp multiplies in 32 bits. */
    private static final long MAX_ROW = 1L << 30;

    private final ModelHeader header;

    private HeadRules(ModelHeader header) {
        this.header = header;
    }

    static void check(ModelHeader header) {
        new HeadRules(header).check();
    }

    private void check() {
        String architecture = header.architecture();
        long heads = own("head_count", 0).orElse(0);
        if (heads == 0) {
            boolean needed = HeadFamilies.hasRowsForHeads(architecture) || HeadFamilies.mayBeLatent(architecture);
            if (needed && header.value(key("head_count")) != null) {
                header.range(key("head_count"), 0, 1, ModelHeader.NONE);
            }
            return; // no attention, or in some layers only
        }
        long width = header.number("embedding_length");
        long keys = own("key_length", 0).orElse(width / heads);
        long values = own("value_length", 0).orElse(width / heads);
        header.range(key("key_length"), keys, 1, MAX_LENGTH);
        header.range(key("value_length"), values, 0, MAX_LENGTH);
        header.range(key("key_length_swa"), own("key_length_swa", 0), 1, MAX_LENGTH);
        header.range(key("value_length_swa"), own("value_length_swa", 0), 0, MAX_LENGTH);
        if (HeadFamilies.hasEqualLengths(architecture) && keys != values) {
            throw header.invalid(
                    key("value_length"), "is %d, must be as the length of keys, %d".formatted(values, keys));
        }
        latent(heads, keys, values);
        for (int layer = 0; layer < header.layers(); layer++) {
            layer(layer, keys, values);
        }
    }

    private String key(String name) {
        return header.own("attention." + name);
    }

    private OptionalLong own(String name, int layer) {
        return header.whole(key(name), layer);
    }

    private void latent(long heads, long keys, long values) {
        long rope = RopeRules.dimensions(header, keys);
        if (own("key_length_mla", 0).orElse(0) == 0
                || own("value_length_mla", 0).orElse(0) == 0) {
            if (HeadFamilies.turnsPartly(header.architecture())) {
                header.range(key("key_length"), keys, rope + 1, MAX_LENGTH);
            }
            return;
        }
        header.range(key("key_length_mla"), own("key_length_mla", 0), rope + 1, MAX_LENGTH);
        header.range(key("value_length_mla"), own("value_length_mla", 0), 1, MAX_LENGTH);
        if (HeadFamilies.mayBeLatent(header.architecture())) {
            long rank = own("kv_lora_rank", 0).orElse(0);
            header.range(key("key_length"), keys, rank + rope, rank + rope);
            header.range(key("value_length"), values, rank, rank);
            for (int layer = 0; layer < header.layers(); layer++) {
                header.range(key("head_count_kv"), own("head_count_kv", layer).orElse(heads), 1, 1);
            }
        }
    }

    private void layer(int layer, long keys, long values) {
        long heads = own("head_count", layer).orElse(0);
        long keyHeads = own("head_count_kv", layer).orElse(heads);
        header.range(key("head_count"), heads, 0, MAX_ROW / Math.max(1, keys));
        header.range(key("head_count_kv"), keyHeads, 0, MAX_ROW / Math.max(keys, values));
        if (keyHeads > 0 && heads % keyHeads != 0) {
            throw header.invalid(
                    key("head_count_kv"),
                    "is %d in layer %d, where %d heads cannot share them evenly".formatted(keyHeads, layer, heads));
        }
        if (!HeadFamilies.hasRowsForHeads(header.architecture())) {
            return;
        }
        String prefix = "blk." + layer + ".attn_";
        if (HeadFamilies.hasJoinedRowsForHeads(header.architecture())) {
            Optional<GgufTensor> joined = header.tensor(prefix + "qkv.weight");
            rows(joined, heads * keys + keyHeads * (keys + values), heads, keyHeads, keys);
        }
        rows(header.tensor(prefix + "q.weight"), heads * keys, heads, 0, keys);
        rows(header.tensor(prefix + "k.weight"), keyHeads * keys, 0, keyHeads, keys);
        rows(header.tensor(prefix + "v.weight"), keyHeads * values, 0, keyHeads, values);
    }

    private void rows(Optional<GgufTensor> tensor, long rows, long heads, long keyHeads, long length) {
        if (tensor.isPresent() && tensor.get().rows() != rows) {
            throw header.invalidTensor(
                    tensor.get().name(),
                    "has %d rows, must have %d for %d heads and %d of keys, of length %d"
                            .formatted(tensor.get().rows(), rows, heads, keyHeads, length));
        }
    }
}
