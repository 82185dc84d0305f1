package io.github.panllama.gguf;

import java.util.Set;

/** The sizes of layers that keep a state instead of a cache; llama.cpp divides by several of them. */
final class StateSpaceRules {
    private static final long MAX_SIZE = 1 << 20;
    private static final long MAX_KERNEL = 1 << 10;

    /** The rank of time steps is the number of heads. */
    private static final Set<String> HEADS = Set.of(
            "falcon-h1",
            "granitehybrid",
            "mamba2",
            "nemotron_h",
            "nemotron_h_moe",
            "plamo2",
            "qwen35",
            "qwen35moe",
            "qwen3next");

    /** Heads share inputs in groups. */
    private static final Set<String> GROUPS = Set.of(
            "falcon-h1", "granitehybrid", "mamba2", "nemotron_h", "nemotron_h_moe", "qwen35", "qwen35moe", "qwen3next");

    private StateSpaceRules() {}

    static void check(ModelHeader header) {
        String architecture = header.architecture();
        size(header, "ssm.conv_kernel", 2, MAX_KERNEL);
        size(header, "ssm.inner_size", 1, MAX_SIZE);
        size(header, "ssm.state_size", 1, MAX_SIZE);
        size(header, "ssm.time_step_rank", 1, MAX_SIZE);
        size(header, "ssm.group_count", 0, MAX_SIZE);
        if (HEADS.contains(architecture)) {
            divides(header, "ssm.inner_size", "ssm.time_step_rank");
        }
        if (GROUPS.contains(architecture)) {
            divides(header, "ssm.inner_size", "ssm.group_count");
            divides(header, "ssm.time_step_rank", "ssm.group_count");
        }
        size(header, "wkv.head_size", 1, MAX_SIZE);
        divides(header, "embedding_length", "wkv.head_size");
        if (architecture.equals("rwkv6") || architecture.equals("rwkv7")) {
            size(header, "token_shift_count", 2, 2);
        }
        size(header, "shortconv.l_cache", 2, MAX_KERNEL);
    }

    private static void size(ModelHeader header, String key, long min, long max) {
        header.range(header.own(key), header.whole(header.own(key)), min, max);
    }

    private static void divides(ModelHeader header, String whole, String part) {
        if (header.whole(header.own(part)).isEmpty()) {
            return;
        }
        long number = header.number(whole);
        long divisor = header.number(part);
        if (divisor == 0 || number % divisor != 0) {
            throw header.invalid(
                    header.own(part), "is %d, must divide %s, %d".formatted(divisor, header.own(whole), number));
        }
    }
}
