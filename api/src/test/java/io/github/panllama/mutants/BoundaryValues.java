package io.github.panllama.mutants;

import io.github.panllama.gguf.GgufType;
import io.github.panllama.gguf.GgufValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Values at the edges of what a field may hold, and beyond. */
final class BoundaryValues {
    private static final long[] WHOLES = {
        0,
        1,
        2,
        3,
        4,
        5,
        7,
        8,
        16,
        31,
        32,
        33,
        63,
        64,
        127,
        128,
        255,
        256,
        511,
        512,
        513,
        1023,
        1024,
        1025,
        4096,
        65_535,
        65_536,
        1 << 20,
        1 << 24,
        0x3fff_ffffL,
        0x7fff_fffeL,
        0x7fff_ffffL,
        0x8000_0000L,
        0x8000_0001L,
        0xffff_fffeL,
        0xffff_ffffL
    };
    private static final float[] REALS = {
        0,
        -0f,
        1,
        -1,
        0.5f,
        1e-6f,
        1e-38f,
        Float.MIN_VALUE,
        1e6f,
        1e30f,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY
    };
    private static final String[] TEXTS = {
        "",
        " ",
        "\0",
        "none",
        "no_vocab",
        "default",
        "linear",
        "yarn",
        "longrope",
        "llama",
        "llama4",
        "qwen2",
        "qwen3",
        "qwen3moe",
        "qwen35",
        "qwen3next",
        "deepseek",
        "deepseek2",
        "deepseek32",
        "mamba",
        "mamba2",
        "jamba",
        "bert",
        "nomic-bert",
        "t5",
        "t5encoder",
        "clip",
        "gptj",
        "gpt2",
        "gemma",
        "gemma2",
        "gemma3",
        "gemma4",
        "rwkv",
        "rwkv6",
        "rwkv7",
        "plamo2",
        "granitehybrid",
        "lfm2",
        "phi2",
        "phi3",
        "falcon",
        "glm4",
        "glm4moe",
        "chatglm",
        "gpt-oss",
        "minicpm3",
        "olmoe",
        "dbrx",
        "grok",
        "mistral3",
        "test",
        "hybriddna",
        "whitespace",
        "llama3",
        "llama-bpe",
        "gpt-2",
        "tekken",
        "kimi-k2",
        "viking",
        "adapter",
        "model",
        "mmproj",
        "{{ x }}",
        "{% if",
        "\uFFFF\uD800"
    };

    /** Keys that the small models do not have and llama.cpp reads where they are. */
    private static final String[] OWN_KEYS = {
        "embedding_length_out",
        "nextn_predict_layers",
        "pooling_type",
        "attention.causal",
        "expert_count",
        "expert_used_count",
        "expert_group_count",
        "expert_group_used_count",
        "expert_shared_count",
        "expert_gating_func",
        "expert_feed_forward_length",
        "expert_shared_feed_forward_length",
        "leading_dense_block_count",
        "attention.key_length",
        "attention.value_length",
        "attention.key_length_swa",
        "attention.value_length_swa",
        "attention.key_length_mla",
        "attention.value_length_mla",
        "attention.head_count_kv",
        "attention.sliding_window",
        "attention.sliding_window_pattern",
        "attention.layer_norm_epsilon",
        "attention.max_alibi_bias",
        "attention.clamp_kqv",
        "attention.scale",
        "attention.temperature_scale",
        "attention.temperature_length",
        "attention.q_lora_rank",
        "attention.kv_lora_rank",
        "rope.dimension_count",
        "rope.dimension_count_swa",
        "rope.dimension_sections",
        "rope.freq_base",
        "rope.freq_base_swa",
        "rope.scale_linear",
        "rope.scaling.type",
        "rope.scaling.factor",
        "rope.scaling.attn_factor",
        "rope.scaling.alpha",
        "rope.scaling.original_context_length",
        "rope.scaling.finetuned",
        "rope.scaling.yarn_log_multiplier",
        "rope.scaling.yarn_ext_factor",
        "rope.scaling.yarn_beta_fast",
        "ssm.conv_kernel",
        "ssm.inner_size",
        "ssm.state_size",
        "ssm.time_step_rank",
        "ssm.group_count",
        "ssm.dt_b_c_rms",
        "vocab_size",
        "moe_every_n_layers",
        "interleave_moe_layer_step",
        "logit_scale",
        "embedding_scale",
        "residual_scale",
        "attn_logit_softcapping",
        "final_logit_softcapping",
        "use_parallel_residual",
        "tensor_data_layout",
        "wkv.head_size",
        "token_shift_count",
        "classifier.output_labels",
        "expert_weights_scale",
        "expert_weights_norm",
        "attention.indexer.head_count",
        "attention.block_count",
        "decoder_block_count"
    };

    private static final String[] COMMON_KEYS = {
        "general.alignment",
        "general.type",
        "general.file_type",
        "split.count",
        "split.no",
        "split.tensors.count",
        "tokenizer.ggml.scores",
        "tokenizer.ggml.added_tokens",
        "tokenizer.ggml.suppress_tokens",
        "tokenizer.ggml.precompiled_charsmap",
        "tokenizer.ggml.token_type_count",
        "tokenizer.ggml.add_bos_token",
        "tokenizer.ggml.add_eos_token",
        "tokenizer.ggml.add_sep_token",
        "tokenizer.ggml.add_space_prefix",
        "tokenizer.ggml.remove_extra_whitespaces",
        "tokenizer.ggml.bos_token_id",
        "tokenizer.ggml.eos_token_id",
        "tokenizer.ggml.eot_token_id",
        "tokenizer.ggml.seperator_token_id",
        "tokenizer.ggml.unknown_token_id",
        "tokenizer.ggml.padding_token_id",
        "tokenizer.ggml.mask_token_id",
        "tokenizer.ggml.fim_pre_token_id",
        "tokenizer.ggml.normalizer.lowercase",
        "tokenizer.chat_template",
        "tokenizer.chat_template.tool_use"
    };

    private BoundaryValues() {}

    static long whole(SplittableRandom random) {
        return WHOLES[random.nextInt(WHOLES.length)];
    }

    /** A number beside another, or a share of it, or an edge of its type. */
    static long whole(SplittableRandom random, long old) {
        return switch (random.nextInt(8)) {
            case 0 -> old + 1;
            case 1 -> Math.max(0, old - 1);
            case 2 -> old * 2;
            case 3 -> old / 2;
            default -> whole(random);
        };
    }

    static float real(SplittableRandom random) {
        return REALS[random.nextInt(REALS.length)];
    }

    static String text(SplittableRandom random) {
        return random.nextInt(20) == 0 ? "x".repeat(1 << random.nextInt(18)) : TEXTS[random.nextInt(TEXTS.length)];
    }

    /** A key that llama.cpp may look for. */
    static String key(SplittableRandom random, String architecture) {
        return random.nextInt(4) == 0
                ? COMMON_KEYS[random.nextInt(COMMON_KEYS.length)]
                : architecture + '.' + OWN_KEYS[random.nextInt(OWN_KEYS.length)];
    }

    /** A value of any type. */
    static GgufValue any(SplittableRandom random) {
        return switch (random.nextInt(12)) {
            case 0 -> GgufValue.uint8((int) (whole(random) & 0xff));
            case 1 -> GgufValue.int32((int) whole(random));
            case 2 -> GgufValue.uint64(random.nextBoolean() ? whole(random) : -1);
            case 3, 4 -> GgufValue.float32(real(random));
            case 5 -> GgufValue.bool(random.nextBoolean());
            case 6 -> GgufValue.text(text(random));
            case 7 -> array(random);
            default -> GgufValue.uint32(whole(random));
        };
    }

    /** A short array of any type. */
    static GgufValue array(SplittableRandom random) {
        int size = random.nextInt(6);
        long[] wholes = new long[size];
        Arrays.setAll(wholes, i -> whole(random));
        return switch (random.nextInt(6)) {
            case 0 -> {
                float[] reals = new float[size];
                for (int i = 0; i < size; i++) {
                    reals[i] = real(random);
                }
                yield GgufValue.float32s(reals);
            }
            case 1 -> {
                List<String> texts = new ArrayList<>();
                for (int i = 0; i < size; i++) {
                    texts.add(text(random));
                }
                yield GgufValue.texts(texts);
            }
            case 2 -> GgufValue.wholes(GgufType.UINT64, wholes);
            case 3 ->
                GgufValue.wholes(
                        GgufType.BOOL,
                        Arrays.stream(wholes).map(value -> value & 1).toArray());
            case 4 ->
                GgufValue.int32s(
                        Arrays.stream(wholes).mapToInt(value -> (int) value).toArray());
            default -> GgufValue.wholes(GgufType.UINT32, wholes);
        };
    }
}
