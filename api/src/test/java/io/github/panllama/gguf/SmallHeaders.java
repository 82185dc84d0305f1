package io.github.panllama.gguf;

import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/** The header of a small model of any architecture, with every key that one may ask for: llama.cpp runs such models. */
final class SmallHeaders {
    static final Set<String> ARCHITECTURES = Set.of(
            ("afmoe apertus arcee arctic baichuan bailingmoe bailingmoe2 bailingmoe3 bert bitnet bloom chameleon chatglm"
                            + " codeshell cogvlm cohere2 cohere2moe command-r dbrx deci deepseek deepseek2 deepseek32"
                            + " deepseek4 dots1 dots3note dream ernie4_5 ernie4_5-moe eurobert exaone exaone-moe exaone4"
                            + " falcon falcon-h1 gemma gemma-embedding gemma2 gemma3 gemma3n glm-dsa glm4 glm4moe gpt-oss"
                            + " gpt2 gptneox granite granite_swa granitehybrid granitemoe grok grovemoe hrm_text"
                            + " hunyuan-dense hunyuan-moe hunyuan_vl hy_v3 hy_v4 internlm2 jais jais2 jamba jina-bert-v2"
                            + " jina-bert-v3 kimi-k3 kimi-linear laguna lfm2 lfm2moe llada llada-moe llama llama-embed"
                            + " llama4 maincoder mamba mamba2 maple mellum mimo2 minicpm minicpm3 minimax-01 minimax-m2"
                            + " minimax-m3 mistral3 mistral4 modern-bert mpt muse-glimmer nanbeige nemotron nemotron_h"
                            + " nemotron_h_moe neo-bert nomic-bert nomic-bert-moe olmo olmo2 olmoe openelm orion"
                            + " paddleocr pangu-embedded phi2 phi3 phimoe plamo plamo2 plamo3 plm qwen qwen2 qwen2moe"
                            + " qwen2vl qwen3 qwen35 qwen35moe qwen3moe qwen3next qwen3vl qwen3vlmoe qwen4exp refact rnd1"
                            + " rwkv6 rwkv7 seed_oss smallthinker smollm3 spark2_5 stablelm starcoder starcoder2 step35"
                            + " t5 t5encoder talkie wavtokenizer-dec xverse")
                    .split(" "));

    private static final Set<String> LATENT = Set.of(
            "bailingmoe3",
            "deepseek2",
            "deepseek32",
            "dots3note",
            "glm-dsa",
            "hy_v4",
            "kimi-k3",
            "kimi-linear",
            "mistral4");
    private static final Set<String> SQUARE = Set.of("qwen35", "qwen35moe", "qwen3next", "qwen4exp");
    private static final Set<String> LISTED =
            Set.of("cohere2moe", "dots3note", "granite_swa", "maple", "mimo2", "muse-glimmer", "spark2_5", "step35");
    private static final Map<String, Integer> LAYERS =
            Map.of("deepseek4", 4, "gemma3n", 22, "hrm_text", 8, "llama4", 4, "nemotron_h", 3, "nemotron_h_moe", 3);

    private final String architecture;
    private final RealHeader header;
    private final int layers;
    private final long heads;
    private final long width;

    private SmallHeaders(String architecture) {
        this.architecture = architecture;
        this.header = new RealHeader(architecture);
        this.layers = LAYERS.getOrDefault(architecture, 2);
        this.heads = LATENT.contains(architecture) ? 1 : 2;
        this.width = LATENT.contains(architecture) ? 128 : 256;
    }

    static RealHeader of(String architecture) {
        SmallHeaders small = new SmallHeaders(architecture);
        small.sizes();
        small.heads();
        small.windows();
        small.experts();
        small.states();
        small.parts();
        return small.header.vocabulary("none", "default", architecture.equals("chameleon") ? 10_240 : 128);
    }

    private GgufValue alternating(long even, long odd) {
        return GgufValue.wholes(
                GgufType.UINT32,
                LongStream.range(0, layers).map(i -> i % 2 == 0 ? even : odd).toArray());
    }

    private void sizes() {
        header.size(layers, 256, width, 384)
                .own("features_length", width)
                .own("leading_dense_block_count", 1)
                .own("logit_scale", 1f)
                .own("attention.layer_norm_epsilon", 1e-5f)
                .own("attention.layer_norm_rms_epsilon", 1e-5f)
                .own("attention.group_norm_epsilon", 1e-5f)
                .own("attention.group_norm_groups", 8);
        if (architecture.startsWith("nemotron_h")) {
            header.own("feed_forward_length", GgufValue.wholes(GgufType.UINT32, 0, 0, 384));
        }
    }

    private void heads() {
        long length = width / heads;
        header.own(
                        "rope.dimension_sections",
                        GgufValue.wholes(GgufType.UINT32, length / 4, length / 4, length / 4, length / 4))
                .own("attention.relative_buckets_count", 8)
                .own("attention.indexer.head_count", architecture.equals("minimax-m3") ? heads : 64)
                .own("attention.indexer.key_length", 128)
                .own("attention.indexer.top_k", 131_072)
                .own("attention.indexer.block_size", 4)
                .own("attention.indexer.local_blocks", 1)
                .own("attention.q_lora_rank", 512)
                .own("attention.kv_lora_rank", 512)
                .heads(heads, architecture.equals("deepseek4") ? 1 : heads);
        if (RecurrentRules.BY_KEYS.contains(architecture)) {
            GgufValue each = GgufValue.wholes(
                    GgufType.UINT32,
                    LongStream.range(0, layers).map(i -> i == 1 ? 0 : heads).toArray());
            header.own("attention.head_count", each).own("attention.head_count_kv", each);
        }
        if (LATENT.contains(architecture)) {
            header.lengths(576, 512)
                    .own("rope.dimension_count", 64)
                    .own("attention.key_length_mla", 192)
                    .own("attention.value_length_mla", 128)
                    .own("attention.indexer.types", alternating(1, 0));
        }
        if (architecture.equals("dots3note")) {
            header.own("attention.kv_lora_rank_swa", 512)
                    .own("attention.key_length_swa", 576)
                    .own("attention.value_length_swa", 512);
        }
        if (architecture.equals("deepseek4") || architecture.equals("minimax-m3")) {
            header.own("rope.dimension_count", 64);
        }
    }

    private void windows() {
        header.own("attention.sliding_window", 32);
        if (LISTED.contains(architecture)) {
            header.own("attention.sliding_window_pattern", alternating(0, 1));
        } else {
            header.own("attention.sliding_window_pattern", 2);
        }
    }

    private void experts() {
        header.experts(2, 2, 384)
                .own("expert_shared_feed_forward_length", 192)
                .own("expert_shared_count", 1)
                .own("expert_gating_func", architecture.equals("deepseek4") ? 4 : 2)
                .own("experts_per_group", 1)
                .own("interleave_moe_layer_step", 2);
    }

    private void states() {
        header.own("ssm.inner_size", SQUARE.contains(architecture) ? 256 : 2 * width)
                .own("ssm.conv_kernel", 4)
                .own("ssm.state_size", 128)
                .own("ssm.time_step_rank", heads)
                .own("ssm.group_count", architecture.equals("plamo2") ? 0 : heads)
                .own("full_attention_interval", 2)
                .own("kda.head_dim", 128)
                .own("kda.safe_gate", GgufValue.bool(true))
                .own("kda.gate_lower_bound", -5f)
                .own("wkv.head_size", width / heads)
                .own("shortconv.l_cache", 3)
                .own("time_mix_extra_dim", 64)
                .own("time_decay_extra_dim", 128);
    }

    private void parts() {
        header.own("posnet.embedding_length", width)
                .own("posnet.block_count", layers)
                .own("convnext.embedding_length", width)
                .own("convnext.block_count", layers)
                .own("hyper_connection.count", 4)
                .own("hyper_connection.sinkhorn_iterations", 2)
                .own("attention.output_group_count", 2)
                .own("attention.compress_ratios", GgufValue.int32s(new int[layers]))
                .own("hrm.layers_per_stack", 1)
                .own("hrm.h_cycles", 2)
                .own("hrm.l_cycles", 3);
    }
}
