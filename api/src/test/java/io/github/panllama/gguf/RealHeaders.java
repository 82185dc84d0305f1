package io.github.panllama.gguf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Models that people have, by name: the sizes and keys are theirs. */
final class RealHeaders {
    private RealHeaders() {}

    static Map<String, RealHeader> all() {
        Map<String, RealHeader> all = new LinkedHashMap<>();
        all.put("Qwen2.5 7B", qwen());
        all.put("Llama 3.2 1B", llama());
        all.put("Gemma 3 1B", gemma());
        all.put("Phi-3 mini 128k", phi());
        all.put("Ministral 3 3B", ministral());
        all.put("Minitron 4B", minitron());
        all.put("Mamba2 7B", mamba());
        all.put("EAGLE-3 of Llama 3.1 8B", eagle());
        all.put("nomic-embed-text", nomic());
        all.put("Flan-T5 base", flan());
        all.putAll(RealExpertHeaders.all());
        all.putAll(RealMixedHeaders.all());
        return all;
    }

    private static RealHeader qwen() {
        RealHeader header = new RealHeader("qwen2")
                .size(28, 32_768, 3584, 18_944)
                .heads(28, 4)
                .own("rope.freq_base", 1e6f)
                .own("attention.layer_norm_rms_epsilon", 1e-6f)
                .vocabulary("gpt2", "qwen2", 152_064)
                .ends(151_643, 151_645)
                .special("padding", 151_643)
                .flag("add_bos_token", false);
        return header.embeddings(3584, 152_064, false)
                .attention(0, 3584, 3584, 512)
                .plain(List.of("blk.0.attn_q.bias"), 3584)
                .plain(List.of("blk.0.attn_k.bias", "blk.0.attn_v.bias"), 512)
                .feedForward(0, 3584, 18_944);
    }

    private static RealHeader llama() {
        RealHeader header = new RealHeader("llama")
                .size(16, 131_072, 2048, 8192)
                .heads(32, 8)
                .lengths(64, 64)
                .own("rope.dimension_count", 64)
                .own("rope.freq_base", 500_000f)
                .own("attention.layer_norm_rms_epsilon", 1e-5f)
                .own("vocab_size", 128_256)
                .vocabulary("gpt2", "llama-bpe", 128_256)
                .ends(128_000, 128_009);
        return header.embeddings(2048, 128_256, true)
                .plain(List.of("rope_freqs.weight"), 32)
                .attention(0, 2048, 2048, 512)
                .feedForward(0, 2048, 8192);
    }

    private static RealHeader gemma() {
        RealHeader header = new RealHeader("gemma3")
                .size(26, 32_768, 1152, 6912)
                .heads(4, 1)
                .lengths(256, 256)
                .own("rope.freq_base", 1e6f)
                .own("attention.sliding_window", 512)
                .own("attention.layer_norm_rms_epsilon", 1e-6f)
                .vocabulary("llama", "default", 262_144)
                .ends(2, 1)
                .special("unknown", 3)
                .special("padding", 0)
                .flag("add_bos_token", true)
                .flag("add_space_prefix", false);
        return header.embeddings(1152, 262_144, true)
                .attention(0, 1152, 1024, 256)
                .plain(List.of("blk.0.attn_q_norm.weight", "blk.0.attn_k_norm.weight"), 256)
                .plain(List.of("blk.0.post_attention_norm.weight", "blk.0.post_ffw_norm.weight"), 1152)
                .feedForward(0, 1152, 6912);
    }

    private static RealHeader phi() {
        RealHeader header = new RealHeader("phi3")
                .size(32, 131_072, 3072, 8192)
                .heads(32, 32)
                .own("rope.scaling.original_context_length", 4096)
                .own("rope.scaling.attn_factor", 1.19f)
                .own("rope.dimension_count", 96)
                .own("rope.freq_base", 10_000f)
                .own("attention.sliding_window", 262_144)
                .own("attention.layer_norm_rms_epsilon", 1e-5f)
                .vocabulary("llama", "default", 32_064)
                .ends(1, 32_000)
                .special("unknown", 0)
                .special("padding", 32_000);
        return header.embeddings(3072, 32_064, false)
                .plain(List.of("rope_factors_long.weight", "rope_factors_short.weight"), 48)
                .plain(List.of("blk.0.attn_norm.weight", "blk.0.ffn_norm.weight"), 3072)
                .matrix("blk.0.attn_qkv", 3072, 9216)
                .matrix("blk.0.attn_output", 3072, 3072)
                .matrix("blk.0.ffn_up", 3072, 16_384)
                .matrix("blk.0.ffn_down", 8192, 3072);
    }

    static RealHeader ministral() {
        RealHeader header = new RealHeader("mistral3")
                .size(26, 262_144, 3072, 9216)
                .heads(32, 8)
                .lengths(128, 128)
                .yarn(16, 16_384)
                .own("rope.scaling.yarn_beta_fast", 32f)
                .own("rope.scaling.yarn_beta_slow", 1f)
                .own("rope.scaling.yarn_log_multiplier", 1f)
                .own("rope.dimension_count", 128)
                .own("rope.freq_base", 1e6f)
                .own("attention.temperature_scale", 0.1f)
                .own("attention.layer_norm_rms_epsilon", 1e-5f)
                .vocabulary("gpt2", "tekken", 131_072)
                .ends(1, 2);
        return header.embeddings(3072, 131_072, true)
                .attention(0, 3072, 4096, 1024)
                .feedForward(0, 3072, 9216);
    }

    private static RealHeader minitron() {
        RealHeader header = new RealHeader("nemotron")
                .size(32, 4096, 3072, 9216)
                .heads(24, 8)
                .lengths(128, 128)
                .own("rope.freq_base", 10_000f)
                .own("rope.dimension_count", 64)
                .own("rope.scaling.type", GgufValue.text("none"))
                .own("attention.layer_norm_epsilon", 1e-5f)
                .own("vocab_size", 256_000)
                .vocabulary("llama", "default", 256_000)
                .ends(2, 3)
                .special("padding", 0)
                .special("unknown", 1);
        return header.embeddings(3072, 256_000, false)
                .plain(List.of("output_norm.bias", "blk.0.attn_norm.bias", "blk.0.ffn_norm.bias"), 3072)
                .attention(0, 3072, 3072, 1024)
                .matrix("blk.0.ffn_up", 3072, 9216)
                .matrix("blk.0.ffn_down", 9216, 3072);
    }

    private static RealHeader mamba() {
        RealHeader header = new RealHeader("mamba2")
                .size(64, 1 << 20, 4096, 0)
                .own("attention.head_count", 0)
                .own("ssm.conv_kernel", 4)
                .own("ssm.inner_size", 8192)
                .own("ssm.state_size", 128)
                .own("ssm.time_step_rank", 128)
                .own("ssm.group_count", 8)
                .own("attention.layer_norm_rms_epsilon", 1e-5f)
                .vocabulary("llama", "default", 32_768)
                .ends(0, 0)
                .special("unknown", 0);
        return header.embeddings(4096, 32_768, false)
                .plain(List.of("blk.0.attn_norm.weight"), 4096)
                .matrix("blk.0.ssm_in", 4096, 18_560)
                .plain(List.of("blk.0.ssm_conv1d.weight"), 4, 10_240)
                .plain(List.of("blk.0.ssm_conv1d.bias"), 10_240)
                .plain(List.of("blk.0.ssm_dt.bias"), 128)
                .plain(List.of("blk.0.ssm_a", "blk.0.ssm_d"), 1, 128)
                .plain(List.of("blk.0.ssm_norm.weight"), 1024, 8)
                .matrix("blk.0.ssm_out", 8192, 4096);
    }

    static RealHeader eagle() {
        return eagle(GgmlType.I64, true);
    }

    static RealHeader eagle(GgmlType map, boolean output) {
        RealHeader header = new RealHeader("eagle3")
                .size(1, 2048, 4096, 14_336)
                .heads(32, 8)
                .lengths(128, 128)
                .own("rope.freq_base", 500_000f)
                .own("rope.dimension_count", 128)
                .own("attention.layer_norm_rms_epsilon", 1e-5f)
                .own("target_layers", GgufValue.int32s(2, 16, 29))
                .own("target_hidden_size", 4096)
                .own("norm_before_residual", GgufValue.bool(false))
                .own("norm_before_fc", GgufValue.bool(false))
                .vocabulary("gpt2", "llama-bpe", 128_256)
                .ends(128_000, 128_009);
        header.matrix("fc", 3 * 4096, 4096)
                .plain(List.of("output_norm.weight", "blk.0.attn_norm.weight", "blk.0.attn_norm_2.weight"), 4096)
                .matrix("blk.0.attn_q", 2 * 4096, 4096)
                .matrix("blk.0.attn_k", 2 * 4096, 1024)
                .matrix("blk.0.attn_v", 2 * 4096, 1024)
                .matrix("blk.0.attn_output", 4096, 4096)
                .feedForward(0, 4096, 14_336)
                .tensor(map, "d2t", 32_000);
        return output ? header.matrix("output", 4096, 32_000) : header;
    }

    private static RealHeader nomic() {
        RealHeader header = new RealHeader("nomic-bert")
                .size(12, 2048, 768, 3072)
                .own("attention.head_count", 12)
                .own("rope.freq_base", 1000f)
                .encoder("jina-v2-en", 30_522)
                .special("padding", 0)
                .special("cls", 101)
                .special("mask", 103);
        return header.matrix("token_embd", 768, 30_522)
                .plain(List.of("token_types.weight"), 768, 2)
                .plain(List.of("token_embd_norm.weight", "token_embd_norm.bias"), 768)
                .matrix("blk.0.attn_qkv", 768, 2304)
                .matrix("blk.0.attn_output", 768, 768)
                .plain(List.of("blk.0.attn_output_norm.weight", "blk.0.attn_output_norm.bias"), 768)
                .feedForward(0, 768, 3072)
                .plain(List.of("blk.0.layer_output_norm.weight", "blk.0.layer_output_norm.bias"), 768);
    }

    private static RealHeader flan() {
        RealHeader header = new RealHeader("t5")
                .size(12, 512, 768, 2048)
                .own("decoder_block_count", 12)
                .own("attention.head_count", 12)
                .lengths(64, 64)
                .own("attention.layer_norm_epsilon", 1e-6f)
                .own("attention.layer_norm_rms_epsilon", 1e-6f)
                .own("attention.relative_buckets_count", 32)
                .own("decoder_start_token_id", 0)
                .vocabulary("t5", "default", 32_128)
                .put("tokenizer.ggml.precompiled_charsmap", GgufValue.wholes(GgufType.UINT8, new long[4096]))
                .special("eos", 1)
                .special("unknown", 2)
                .special("padding", 0)
                .flag("add_space_prefix", true)
                .flag("remove_extra_whitespaces", true)
                .flag("add_bos_token", false)
                .flag("add_eos_token", true);
        header.matrix("token_embd", 768, 32_128)
                .matrix("output", 768, 32_128)
                .plain(List.of("enc.output_norm.weight", "dec.output_norm.weight"), 768)
                .plain(List.of("enc.blk.0.attn_rel_b.weight", "dec.blk.0.attn_rel_b.weight"), 12, 32);
        IntStream.range(0, 2)
                .forEach(i -> header.plain(List.of("enc.blk." + i + ".attn_norm.weight"), 768)
                        .matrix("enc.blk." + i + ".attn_q", 768, 768)
                        .matrix("dec.blk." + i + ".cross_attn_k", 768, 768));
        return header;
    }
}
