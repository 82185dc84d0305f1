package io.github.panllama.gguf;

import static io.github.panllama.gguf.GgufValidator.Rules.STATE_SPACE;
import static io.github.panllama.gguf.GgufValidator.Rules.TENSORS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What single architectures take for granted of layers that keep a state. */
class RecurrentRulesTest extends HeaderChecks {
    @Test
    void layersThatKeepAState() {
        refused(STATE_SPACE, RealMixedHeaders::jamba, "jamba", "ssm.inner_size", 4096);
        refused(STATE_SPACE, RealMixedHeaders::granite, "granitehybrid", "ssm.inner_size", 1536);
        refused(STATE_SPACE, RealMixedHeaders::qwenNext, "qwen3next", "full_attention_interval", 0);
        passes(RealMixedHeaders.qwenNext()
                .own("full_attention_interval", 0)
                .own("attention.recurrent_layers", RealMixedHeaders.layers(48, 0, 1, List.of(3))));
        refused(STATE_SPACE, RealMixedHeaders::qwenNext, "qwen3next", "ssm.inner_size", 2048);
        Supplier<RealHeader> plamo = () -> mixed("plamo2").own("ssm.group_count", 0);
        refused(STATE_SPACE, plamo, "plamo2", "ssm.group_count", 1);
    }

    @Test
    void layersOfBothKinds() {
        refused(
                STATE_SPACE,
                RealMixedHeaders::granite,
                header -> header.own("attention.head_count_kv", 4),
                "granitehybrid.attention.head_count_kv",
                "leaves 0 layers to a state and 40 to attention");
        refused(
                STATE_SPACE,
                RealMixedHeaders::kimi,
                header -> header.own("attention.head_count_kv", 0),
                "kimi-linear.attention.head_count_kv",
                "leaves 27 layers to a state and 0 to attention");
        refused(
                STATE_SPACE,
                RealMixedHeaders::qwenNext,
                header -> header.own("full_attention_interval", 49),
                "qwen3next.full_attention_interval",
                "leaves 48 layers to a state and 0 to attention");
        refused(
                STATE_SPACE,
                RealMixedHeaders::qwenNext,
                header -> header.own("attention.recurrent_layers", GgufValue.int32s(new int[48])),
                "qwen3next.attention.recurrent_layers",
                "leaves 0 layers to a state and 48 to attention");
    }

    @Test
    void gatesOfStates() {
        Supplier<RealHeader> sound = () ->
                mixed("bailingmoe3").own("kda.safe_gate", GgufValue.bool(true)).own("kda.gate_lower_bound", -5f);
        refused(
                STATE_SPACE,
                sound,
                header -> header.own("kda.safe_gate", GgufValue.bool(false)),
                "bailingmoe3.kda.safe_gate",
                "is false, must be true");
        for (float bound : new float[] {0, 1, Float.NaN}) {
            refused(
                    STATE_SPACE,
                    sound,
                    header -> header.own("kda.gate_lower_bound", bound),
                    "bailingmoe3.kda.gate_lower_bound",
                    "must be below 0");
        }
    }

    @Test
    void shiftsOfTokens() {
        Supplier<RealHeader> qwen = () -> new RealHeader("rwkv6qwen2")
                .size(8, 128, 64, 128)
                .own("attention.head_count", 0)
                .own("attention.head_count_kv", 2)
                .own("wkv.head_size", 16)
                .own("token_shift_count", 1);
        refused(STATE_SPACE, qwen, "rwkv6qwen2", "token_shift_count", 2);
        refused(STATE_SPACE, qwen, "rwkv6qwen2", "attention.head_count_kv", 3);
        RealHeader without = new RealHeader("arwkv7").size(8, 128, 64, 128).own("wkv.head_size", 16);
        assertThat(failures(without))
                .singleElement()
                .satisfies(finding ->
                        assertThat(finding.failure()).hasMessageContaining("arwkv7.token_shift_count is 2, must be 1"));
        refused(STATE_SPACE, RealMixedHeaders::finch, "rwkv6", "attention.head_count_kv", 16);
    }

    @Test
    void tensorsThatAreThereInOneFormOrAnother() {
        Supplier<RealHeader> five = () -> {
            RealHeader header = new RealHeader("rwkv6").size(1, 128, 64, 128).matrix("blk.0.time_mix_w1", 64, 160);
            for (String name : List.of("w", "k", "v", "r")) {
                header.plain(List.of("blk.0.time_mix_lerp_" + name + ".weight"), 64);
            }
            return header;
        };
        passes(five.get().plain(List.of("blk.0.time_mix_lerp_g.weight"), 64));
        assertThat(failures(five.get())).singleElement().satisfies(finding -> {
            assertThat(finding.rules()).isEqualTo(TENSORS);
            assertThat(finding.failure()).hasMessageContaining("blk.0.time_mix_lerp_g.weight is not there");
        });
        refused(
                TENSORS,
                () -> new RealHeader("jina-bert-v2").size(8, 128, 64, 128).matrix("blk.1.ffn_up", 64, 128),
                header -> header.matrix("blk.0.ffn_up", 64, 127),
                "blk.0.ffn_up.weight",
                "has 127 rows, must have 128 or 256");
        refused(
                TENSORS,
                () -> small("laguna").matrix("blk.1.attn_gate", 64, 64).matrix("blk.2.attn_gate", 64, 4),
                header -> header.matrix("blk.0.attn_gate", 64, 5),
                "blk.0.attn_gate.weight",
                "has 5 rows, must have 4 or 64");
    }
}
