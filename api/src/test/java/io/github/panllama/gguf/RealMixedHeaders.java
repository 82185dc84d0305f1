package io.github.panllama.gguf;

import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Models that people have whose layers are not all of one kind, by name: the sizes and keys are theirs. */
final class RealMixedHeaders {
    private RealMixedHeaders() {}

    static Map<String, RealHeader> all() {
        return Map.of(
                "LFM2 1.2B", liquid(),
                "Qwen3-Next 80B-A3B", qwenNext(),
                "Qwen2.5-VL 3B", qwenVision(),
                "Kimi-Linear 48B-A3B", kimi(),
                "Gemma 3n E2B", gemmaNano(),
                "EmbeddingGemma 300M", embeddingGemma(),
                "Granite 4.0 H-Tiny", granite(),
                "Jamba v0.1", jamba(),
                "Finch 1.6B", finch(),
                "jina-embeddings-v2-base-en", jina());
    }

    /** A number for each layer: one for each of these, another for the rest. */
    static GgufValue layers(int layers, long these, long rest, List<Integer> which) {
        return GgufValue.wholes(
                GgufType.INT32,
                LongStream.range(0, layers)
                        .map(i -> which.contains((int) i) ? these : rest)
                        .toArray());
    }

    static RealHeader liquid() {
        RealHeader header = new RealHeader("lfm2")
                .size(16, 128_000, 2048, 8192)
                .own("attention.head_count", 32)
                .own("attention.head_count_kv", layers(16, 8, 0, List.of(2, 5, 8, 10, 12, 14)))
                .own("shortconv.l_cache", 3)
                .own("rope.freq_base", 1e6f)
                .own("attention.layer_norm_rms_epsilon", 1e-5f)
                .own("vocab_size", 65_536)
                .vocabulary("gpt2", "lfm2", 65_536)
                .ends(1, 7);
        return header.matrix("token_embd", 2048, 65_536)
                .plain(List.of("token_embd_norm.weight"), 2048)
                .plain(List.of("blk.0.shortconv.conv.weight"), 3, 2048)
                .matrix("blk.0.shortconv.in_proj", 2048, 6144)
                .matrix("blk.0.shortconv.out_proj", 2048, 2048)
                .attention(2, 2048, 2048, 512)
                .feedForward(0, 2048, 8192);
    }

    static RealHeader qwenNext() {
        RealHeader header = new RealHeader("qwen3next")
                .size(48, 262_144, 2048, 5120)
                .heads(16, 2)
                .lengths(256, 256)
                .experts(512, 10, 512)
                .own("expert_shared_feed_forward_length", 512)
                .own("rope.dimension_count", 64)
                .own("rope.freq_base", 1e7f)
                .own("ssm.conv_kernel", 4)
                .own("ssm.inner_size", 4096)
                .own("ssm.state_size", 128)
                .own("ssm.time_step_rank", 32)
                .own("ssm.group_count", 16)
                .own("full_attention_interval", 4)
                .own("attention.layer_norm_rms_epsilon", 1e-6f)
                .vocabulary("gpt2", "qwen2", 151_936)
                .special("eos", 151_645)
                .flag("add_bos_token", false);
        return header.embeddings(2048, 151_936, false)
                .plain(List.of("blk.0.ssm_conv1d.weight"), 4, 8192)
                .plain(List.of("blk.0.ssm_a", "blk.0.ssm_dt.bias"), 32)
                .attention(3, 2048, 8192, 512)
                .expertMatrices(0, GgmlType.Q8_0, 2048, 512, 512);
    }

    static RealHeader qwenVision() {
        RealHeader header = new RealHeader("qwen2vl")
                .size(36, 128_000, 2048, 11_008)
                .heads(16, 2)
                .own("rope.dimension_sections", GgufValue.int32s(16, 24, 24, 0))
                .own("rope.freq_base", 1e6f)
                .own("attention.layer_norm_rms_epsilon", 1e-6f)
                .vocabulary("gpt2", "qwen2", 151_936)
                .ends(151_643, 151_645)
                .flag("add_bos_token", false);
        return header.embeddings(2048, 151_936, true)
                .attention(0, 2048, 2048, 256)
                .feedForward(0, 2048, 11_008);
    }

    static RealHeader kimi() {
        RealHeader header = new RealHeader("kimi-linear")
                .size(27, 1_048_576, 2304, 9216)
                .own("attention.head_count", 32)
                .own("attention.head_count_kv", layers(27, 1, 0, List.of(3, 7, 11, 15, 19, 23, 26)))
                .own("attention.kv_lora_rank", 512)
                .own("attention.key_length", 576)
                .own("attention.key_length_mla", 192)
                .own("attention.value_length_mla", 128)
                .own("rope.dimension_count", 64)
                .own("ssm.conv_kernel", 4)
                .own("kda.head_dim", 128)
                .experts(256, 8, 1024)
                .own("expert_gating_func", 2)
                .own("expert_shared_count", 1)
                .own("expert_weights_scale", 2.446f)
                .own("leading_dense_block_count", 1)
                .own("attention.layer_norm_rms_epsilon", 1e-5f)
                .vocabulary("gpt2", "kimi-k2", 163_840)
                .ends(163_584, 163_586);
        return header.embeddings(2304, 163_840, false)
                .matrix("blk.0.attn_q", 2304, 4096)
                .matrix("blk.0.attn_k", 2304, 4096)
                .matrix("blk.0.attn_v", 2304, 4096)
                .matrix("blk.3.attn_kv_a_mqa", 2304, 576)
                .expertMatrices(1, GgmlType.Q8_0, 2304, 1024, 256);
    }

    static RealHeader gemmaNano() {
        RealHeader header = new RealHeader("gemma3n")
                .size(30, 32_768, 2048, 8192)
                .heads(8, 2)
                .lengths(256, 256)
                .own("rope.freq_base", 1e6f)
                .own("attention.sliding_window", 512)
                .own("attention.sliding_window_pattern", layers(30, 0, 1, List.of(4, 9, 14, 19, 24, 29)))
                .own("attention.shared_kv_layers", 10f)
                .own("attention.layer_norm_rms_epsilon", 1e-6f)
                .vocabulary("llama", "default", 262_144)
                .ends(2, 1)
                .special("unknown", 3)
                .special("padding", 0);
        return header.embeddings(2048, 262_144, true)
                .attention(0, 2048, 2048, 512)
                .feedForward(0, 2048, 8192);
    }

    static RealHeader embeddingGemma() {
        RealHeader header = new RealHeader("gemma-embedding")
                .size(24, 2048, 768, 1152)
                .heads(3, 1)
                .lengths(256, 256)
                .own("rope.freq_base", 1e6f)
                .own("attention.sliding_window", 512)
                .own("attention.layer_norm_rms_epsilon", 1e-6f)
                .own("pooling_type", 1)
                .own("dense_2_feat_in", 768)
                .own("dense_2_feat_out", 3072)
                .own("dense_3_feat_in", 3072)
                .own("dense_3_feat_out", 768)
                .vocabulary("llama", "default", 262_144)
                .ends(2, 1)
                .special("unknown", 3)
                .special("padding", 0);
        return header.embeddings(768, 262_144, true)
                .matrix("dense_2", 768, 3072)
                .matrix("dense_3", 3072, 768)
                .attention(0, 768, 768, 256)
                .feedForward(0, 768, 1152);
    }

    static RealHeader granite() {
        RealHeader header = new RealHeader("granitehybrid")
                .size(40, 131_072, 1536, 512)
                .own("attention.head_count", 12)
                .own("attention.head_count_kv", layers(40, 4, 0, List.of(5, 15, 25, 35)))
                .experts(64, 6, 512)
                .own("expert_shared_feed_forward_length", 1024)
                .own("rope.dimension_count", 128)
                .own("ssm.conv_kernel", 4)
                .own("ssm.inner_size", 3072)
                .own("ssm.state_size", 128)
                .own("ssm.time_step_rank", 48)
                .own("ssm.group_count", 1)
                .own("attention.layer_norm_rms_epsilon", 1e-5f)
                .vocabulary("gpt2", "dbrx", 100_352)
                .ends(100_257, 100_257);
        return header.embeddings(1536, 100_352, true)
                .matrix("blk.0.ssm_in", 1536, 6448)
                .attention(5, 1536, 1536, 512)
                .expertMatrices(0, GgmlType.Q8_0, 1536, 512, 64);
    }

    static RealHeader jamba() {
        RealHeader header = new RealHeader("jamba")
                .size(32, 262_144, 4096, 14_336)
                .own("attention.head_count", 32)
                .own("attention.head_count_kv", layers(32, 8, 0, List.of(4, 12, 20, 28)))
                .own("expert_count", 16)
                .own("expert_used_count", 2)
                .own("ssm.conv_kernel", 4)
                .own("ssm.inner_size", 8192)
                .own("ssm.state_size", 16)
                .own("ssm.time_step_rank", 256)
                .own("attention.layer_norm_rms_epsilon", 1e-6f)
                .vocabulary("llama", "default", 65_536)
                .ends(1, 2);
        return header.embeddings(4096, 65_536, false)
                .matrix("blk.0.ssm_in", 4096, 16_384)
                .attention(4, 4096, 4096, 1024)
                .expertMatrices(1, GgmlType.Q8_0, 4096, 14_336, 16);
    }

    static RealHeader finch() {
        RealHeader header = new RealHeader("rwkv6")
                .size(24, 1_048_576, 2048, 7168)
                .own("attention.head_count", 0)
                .own("wkv.head_size", 64)
                .own("time_mix_extra_dim", 32)
                .own("time_decay_extra_dim", 64)
                .own("rescale_every_n_layers", 6)
                .own("attention.layer_norm_epsilon", 1e-5f)
                .vocabulary("rwkv", "default", 65_536)
                .flag("add_bos_token", false);
        return header.embeddings(2048, 65_536, false)
                .plain(List.of("output_norm.bias"), 2048)
                .matrix("blk.0.time_mix_w1", 2048, 160)
                .matrix("blk.0.time_mix_w2", 32, 2048, 5)
                .plain(List.of("blk.0.time_mix_lerp_x.weight"), 2048, 1, 1)
                .plain(List.of("blk.0.time_mix_lerp_fused.weight"), 2048, 1, 1, 5);
    }

    static RealHeader jina() {
        RealHeader header = new RealHeader("jina-bert-v2")
                .size(12, 8192, 768, 3072)
                .own("attention.head_count", 12)
                .encoder("jina-v2-en", 30_528);
        return header.matrix("token_embd", 768, 30_528)
                .matrix("blk.0.attn_q", 768, 768)
                .matrix("blk.0.ffn_up", 768, 6144)
                .matrix("blk.0.ffn_down", 3072, 768);
    }
}
