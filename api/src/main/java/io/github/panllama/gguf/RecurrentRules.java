package io.github.panllama.gguf;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Layers that keep a state, of architectures that take more of them for granted than others. */
final class RecurrentRules {
    private static final List<String> MIXED = List.of("w", "k", "v", "r", "g");

    /** Layers without heads of keys keep a state, the others have attention. */
    static final Set<String> BY_KEYS = Set.of(
            "bailingmoe3",
            "granitehybrid",
            "jamba",
            "kimi-k3",
            "kimi-linear",
            "lfm2",
            "lfm2moe",
            "nemotron_h",
            "nemotron_h_moe",
            "plamo2");

    /** Every so many layers has attention, where a file does not list those that keep a state. */
    private static final Map<String, Integer> BY_INTERVAL =
            Map.of("minimax-01", 8, "qwen35", 4, "qwen35moe", 4, "qwen3next", 4, "qwen4exp", 4);

    /** Those that have layers of both kinds. */
    static final Set<String> HYBRID = hybrid();

    private static final String LISTED = "attention.recurrent_layers";
    private static final String INTERVAL = "full_attention_interval";
    private static final String KEY_HEADS = "attention.head_count_kv";

    private RecurrentRules() {}

    private static Set<String> hybrid() {
        Set<String> hybrid = new HashSet<>(BY_KEYS);
        hybrid.addAll(BY_INTERVAL.keySet());
        return Set.copyOf(hybrid);
    }

    /** llama.cpp writes what both kinds of layers are to read, and there is no place for it if there are none. */
    static void bothKinds(ModelHeader header) {
        int states = 0;
        int attentions = 0;
        for (int layer = 0; layer < header.ownLayers(); layer++) {
            boolean keys = hasAttention(header, layer);
            if (!isFeedForwardOnly(header, layer)) {
                states += keys ? 0 : 1;
                attentions += keys ? 1 : 0;
            }
        }
        if (states == 0 || attentions == 0) {
            throw header.invalid(
                    header.own(whatTells(header)),
                    "leaves %d layers to a state and %d to attention, must leave one or more to each"
                            .formatted(states, attentions));
        }
    }

    private static String whatTells(ModelHeader header) {
        if (BY_KEYS.contains(header.architecture())) {
            return KEY_HEADS;
        }
        return header.value(header.own(LISTED)) != null ? LISTED : INTERVAL;
    }

    private static boolean hasAttention(ModelHeader header, int layer) {
        Integer usual = BY_INTERVAL.get(header.architecture());
        if (usual == null) {
            long heads = header.number("attention.head_count", layer);
            return header.whole(header.own(KEY_HEADS), layer).orElse(heads) > 0;
        }
        if (header.value(header.own(LISTED)) != null) {
            return header.number(LISTED, layer) == 0;
        }
        long every = header.whole(header.own(INTERVAL)).orElse(usual);
        return every != 0 && (layer + 1) % every == 0;
    }

    private static boolean isFeedForwardOnly(ModelHeader header, int layer) {
        return header.architecture().startsWith("nemotron_h") && header.number("feed_forward_length", layer) > 0;
    }

    static void doubleWidth(ModelHeader header) {
        long inner = 2 * header.number("embedding_length");
        header.ownRange("ssm.inner_size", inner, inner);
    }

    /** Every how many layers one has attention; llama.cpp divides by it where the file does not list them. */
    static void interval(ModelHeader header) {
        if (header.value(header.own(LISTED)) == null) {
            header.ownRange(INTERVAL, 1, ModelHeader.NONE);
        }
    }

    /** Values are as long as keys, and heads of keys share those of values evenly. */
    static void squareStates(ModelHeader header) {
        long size = header.number("ssm.state_size");
        long heads = header.number("ssm.time_step_rank");
        header.ownRange("ssm.inner_size", size * heads, size * heads);
        String key = header.own("ssm.group_count");
        long groups = header.number("ssm.group_count");
        if (header.whole(key).isPresent() && (groups == 0 || heads % groups != 0)) {
            throw header.invalid(
                    key, "is %d, must divide %s, %d".formatted(groups, header.own("ssm.time_step_rank"), heads));
        }
    }

    static void noGroups(ModelHeader header) {
        header.ownRange("ssm.group_count", 0, 0);
    }

    /** The only gate that llama.cpp computes: a safe one, whose bound is negative. */
    static void gate(ModelHeader header) {
        String safe = header.own("kda.safe_gate");
        if (!header.flag(safe).orElse(true)) {
            throw header.invalid(safe, "is false, must be true");
        }
        String bound = header.own("kda.gate_lower_bound");
        header.real(bound).ifPresent(value -> {
            if (!(value < 0)) {
                throw header.invalid(bound, "is %s, must be below 0".formatted(value));
            }
        });
    }

    /** What is left out stands for two. */
    static void singleShift(ModelHeader header) {
        String key = header.own("token_shift_count");
        header.range(key, header.whole(key).orElse(2), 1, 1);
    }

    /** Heads of keys are as many as those of the state, or share them evenly where they may be fewer. */
    static void sharedHeads(ModelHeader header) {
        long size = header.number("wkv.head_size");
        String key = header.own(KEY_HEADS);
        for (int layer = 0; layer < header.layers(); layer++) {
            long missing = header.number("attention.head_count", layer);
            long keyHeads = header.whole(key, layer).orElse(missing);
            if (keyHeads == 0 || size == 0) {
                continue;
            }
            long heads = header.number("embedding_length") / size;
            if (header.architecture().equals("rwkv6")) {
                header.range(key, keyHeads, heads, heads);
            } else if (heads % keyHeads != 0) {
                throw header.invalid(key, "is %d, where %d heads cannot share them evenly".formatted(keyHeads, heads));
            }
        }
    }

    /** What mixes a token with the one before it: five tensors, or all in one. */
    static void mixing(ModelHeader header) {
        for (int layer = 0; layer < header.layers(); layer++) {
            String prefix = "blk." + layer + ".time_mix_";
            String lerp = prefix + "lerp_";
            if (header.tensor(prefix + "w1.weight").isEmpty()
                    || header.tensor(lerp + "fused.weight").isPresent()) {
                continue; // llama.cpp misses the first by itself
            }
            for (String name : MIXED) {
                if (header.tensor(lerp + name + ".weight").isEmpty()) {
                    throw header.invalidTensor(
                            lerp + name + ".weight",
                            "is not there, and there is no " + lerp + "fused.weight in its place");
                }
            }
        }
    }
}
