package io.github.panllama.gguf;

import java.util.List;
import java.util.Map;

/** Models of experts that people have, by name: the sizes and keys are theirs. */
final class RealExpertHeaders {
    private RealExpertHeaders() {}

    static Map<String, RealHeader> all() {
        return Map.of(
                "MiniMax-M2", miniMaxM2(),
                "MiniMax-01", miniMax01(),
                "DeepSeek-V2-Lite", deepSeekLite(),
                "DeepSeek-V3", deepSeekV3(),
                "gpt-oss 20B", gptOss(),
                "LoRA of Qwen3 30B-A3B", adapter());
    }

    private static RealHeader miniMaxM2() {
        RealHeader header = new RealHeader("minimax-m2")
                .size(62, 196_608, 3072, 1536)
                .heads(48, 8)
                .lengths(128, 128)
                .experts(256, 8, 1536)
                .own("expert_gating_func", 2)
                .own("rope.freq_base", 5e6f)
                .own("rope.dimension_count", 64)
                .own("attention.layer_norm_rms_epsilon", 1e-6f)
                .vocabulary("gpt2", "minimax-m2", 200_064)
                .ends(200_034, 200_020);
        return header.embeddings(3072, 200_064, false)
                .attention(0, 3072, 6144, 1024)
                .plain(List.of("blk.0.attn_q_norm.weight"), 6144)
                .plain(List.of("blk.0.attn_k_norm.weight"), 1024)
                .plain(List.of("blk.0.exp_probs_b.bias"), 256)
                .expertMatrices(0, GgmlType.Q8_0, 3072, 1536, 256);
    }

    private static RealHeader miniMax01() {
        RealHeader header = new RealHeader("minimax-01")
                .size(80, 10_240_000, 6144, 9216)
                .heads(64, 8)
                .lengths(128, 128)
                .own("expert_count", 32)
                .own("expert_used_count", 2)
                .own("rope.freq_base", 1e7f)
                .own("rope.dimension_count", 64)
                .own("residual_scale", 3.55f)
                .own("attention.layer_norm_rms_epsilon", 1e-5f)
                .vocabulary("gpt2", "minimax-m2", 200_064)
                .ends(200_019, 200_020)
                .put("tokenizer.ggml.suppress_tokens", GgufValue.int32s(200_050, 200_051));
        return header.embeddings(6144, 200_064, false)
                .plain(List.of("blk.0.attn_norm.weight", "blk.0.ffn_norm.weight"), 6144)
                .plain(List.of("blk.0.attn_norm_2.weight"), 8192)
                .matrix("blk.0.attn_qkv", 6144, 3 * 8192)
                .matrix("blk.0.attn_gate", 6144, 8192)
                .matrix("blk.0.attn_output", 8192, 6144)
                .expertMatrices(0, GgmlType.Q8_0, 6144, 9216, 32)
                .attention(7, 6144, 8192, 1024)
                .expertMatrices(7, GgmlType.Q8_0, 6144, 9216, 32);
    }

    /** What the two have in common. */
    private static RealHeader deepSeek(long heads) {
        return new RealHeader("deepseek2")
                .heads(heads, 1)
                .lengths(576, 512)
                .yarn(40, 4096)
                .own("attention.key_length_mla", 192)
                .own("attention.value_length_mla", 128)
                .own("attention.kv_lora_rank", 512)
                .own("attention.layer_norm_rms_epsilon", 1e-6f)
                .own("rope.dimension_count", 64)
                .own("rope.freq_base", 10_000f)
                .own("rope.scaling.yarn_log_multiplier", 0.0707f);
    }

    private static RealHeader deepSeekLite() {
        RealHeader header = deepSeek(16)
                .size(27, 163_840, 2048, 10_944)
                .experts(64, 6, 1408)
                .own("expert_group_count", 1)
                .own("expert_group_used_count", 1)
                .own("expert_gating_func", 1)
                .own("expert_shared_count", 2)
                .own("expert_weights_scale", 1f)
                .own("leading_dense_block_count", 1)
                .own("vocab_size", 102_400)
                .vocabulary("gpt2", "deepseek-llm", 102_400)
                .ends(100_000, 100_001)
                .flag("add_bos_token", true);
        return header.embeddings(2048, 102_400, false)
                .plain(List.of("blk.0.attn_norm.weight", "blk.0.ffn_norm.weight"), 2048)
                .plain(List.of("blk.0.attn_kv_a_norm.weight"), 512)
                .matrix("blk.0.attn_q", 2048, 16 * 192)
                .matrix("blk.0.attn_kv_a_mqa", 2048, 576)
                .matrix("blk.0.attn_k_b", 128, 512, 16)
                .matrix("blk.0.attn_v_b", 512, 128, 16)
                .matrix("blk.0.attn_output", 2048, 2048)
                .feedForward(0, 2048, 10_944)
                .expertMatrices(1, GgmlType.F16, 2048, 1408, 64);
    }

    private static RealHeader deepSeekV3() {
        RealHeader header = deepSeek(128)
                .size(62, 163_840, 7168, 18_432)
                .experts(256, 8, 2048)
                .own("attention.q_lora_rank", 1536)
                .own("expert_group_count", 8)
                .own("expert_group_used_count", 4)
                .own("expert_gating_func", 2)
                .own("expert_shared_count", 1)
                .own("expert_weights_scale", 2.5f)
                .own("expert_weights_norm", GgufValue.bool(true))
                .own("leading_dense_block_count", 3)
                .own("nextn_predict_layers", 1)
                .vocabulary("gpt2", "deepseek-v3", 129_280)
                .ends(0, 1)
                .flag("add_bos_token", true);
        return header.embeddings(7168, 129_280, false)
                .plain(List.of("blk.0.attn_norm.weight"), 7168)
                .matrix("blk.0.attn_q_a", 7168, 1536)
                .matrix("blk.0.attn_q_b", 1536, 128 * 192)
                .plain(List.of("blk.0.attn_q_a_norm.weight"), 1536)
                .plain(List.of("blk.3.exp_probs_b.bias"), 256)
                .expertMatrices(3, GgmlType.Q8_0, 7168, 2048, 256)
                .plain(List.of("blk.61.nextn.enorm.weight", "blk.61.nextn.hnorm.weight"), 7168)
                .matrix("blk.61.nextn.eh_proj", 2 * 7168, 7168);
    }

    private static RealHeader gptOss() {
        RealHeader header = new RealHeader("gpt-oss")
                .size(24, 131_072, 2880, 2880)
                .heads(64, 8)
                .lengths(64, 64)
                .experts(32, 4, 2880)
                .yarn(32, 4096)
                .own("rope.scaling.yarn_beta_fast", 32f)
                .own("rope.scaling.yarn_beta_slow", 1f)
                .own("rope.freq_base", 150_000f)
                .own("attention.sliding_window", 128)
                .own("attention.layer_norm_rms_epsilon", 1e-5f)
                .vocabulary("gpt2", "gpt-4o", 201_088)
                .ends(199_998, 200_002)
                .special("padding", 199_999);
        return header.embeddings(2880, 201_088, false)
                .matrix("blk.0.attn_q", 2880, 4096)
                .matrix("blk.0.attn_k", 2880, 512)
                .matrix("blk.0.attn_v", 2880, 512)
                .matrix("blk.0.attn_output", 4096, 2880)
                .plain(List.of("blk.0.attn_sinks.weight"), 64)
                .plain(List.of("blk.0.attn_norm.weight", "blk.0.post_attention_norm.weight"), 2880)
                .expertMatrices(0, GgmlType.MXFP4, 2880, 2880, 32)
                .plain(List.of("blk.0.ffn_gate_inp.bias"), 32)
                .plain(List.of("blk.0.ffn_gate_exps.bias", "blk.0.ffn_down_exps.bias"), 2880, 32);
    }

    private static RealHeader adapter() {
        return new RealHeader("qwen3moe")
                .put("general.type", GgufValue.text("adapter"))
                .put("adapter.type", GgufValue.text("lora"))
                .put("adapter.lora.alpha", GgufValue.float32(16))
                .tensor(GgmlType.F32, "blk.0.attn_q.weight.lora_a", 2048, 8)
                .tensor(GgmlType.F32, "blk.0.attn_q.weight.lora_b", 8, 4096)
                .tensor(GgmlType.F32, "blk.0.ffn_up_exps.weight.lora_a", 2048, 8, 128)
                .tensor(GgmlType.F32, "blk.0.ffn_up_exps.weight.lora_b", 8, 768, 128);
    }
}
