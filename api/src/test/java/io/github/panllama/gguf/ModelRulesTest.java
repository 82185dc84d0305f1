package io.github.panllama.gguf;

import static io.github.panllama.gguf.GgufValidator.Rules.EXPERTS;
import static io.github.panllama.gguf.GgufValidator.Rules.HEADS;
import static io.github.panllama.gguf.GgufValidator.Rules.LAYERS;
import static io.github.panllama.gguf.GgufValidator.Rules.ROPE;
import static io.github.panllama.gguf.GgufValidator.Rules.STATE_SPACE;

import io.github.panllama.synthetic.Architecture;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Figures of a model that llama.cpp asserts, or divides by, are refused with their key and its place. */
class ModelRulesTest {
    private static final long ALL_ONES = 0xffff_ffffL;

    private static void refused(GgufValidator.Rules rules, Architecture architecture, String key, long... values) {
        String full = architecture.ggufName() + '.' + key;
        for (long value : values) {
            Damaged.model(architecture).set(full, value).refused(rules, full, full + " is " + value);
        }
    }

    private static void refused(GgufValidator.Rules rules, String key, float... values) {
        for (float value : values) {
            Damaged.llama().set("llama." + key, value).refused(rules, "llama." + key, "llama." + key + " is ");
        }
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void wholeModelsPass(Architecture architecture) {
        Damaged.model(architecture).passes();
    }

    @Test
    void layersAndWidths() {
        refused(LAYERS, Architecture.QWEN2, "block_count", 0, 513, ALL_ONES);
        refused(LAYERS, Architecture.QWEN2, "context_length", 0, 1L << 31, ALL_ONES);
        refused(LAYERS, Architecture.MAMBA2, "embedding_length", 0, ALL_ONES);
        refused(LAYERS, Architecture.LLAMA, "embedding_length_out", ALL_ONES);
        refused(LAYERS, Architecture.LLAMA, "feed_forward_length", ALL_ONES);
        refused(LAYERS, Architecture.LLAMA, "nextn_predict_layers", 2, ALL_ONES);
        refused(LAYERS, Architecture.LLAMA, "attention.sliding_window", ALL_ONES);
        refused(LAYERS, Architecture.NOMIC_BERT, "pooling_type", 5);
        refused(LAYERS, Architecture.DEEPSEEK2, "leading_dense_block_count", 3, ALL_ONES);
        Damaged.model(Architecture.BERT).set("bert.pooling_type", ALL_ONES).passes();
    }

    @Test
    void epsilonsAreFiniteAndNotNegative() {
        refused(LAYERS, "attention.layer_norm_rms_epsilon", -1, Float.NaN, Float.POSITIVE_INFINITY);
        refused(LAYERS, "attention.layer_norm_epsilon", -1);
        refused(LAYERS, "attention.group_norm_epsilon", Float.NEGATIVE_INFINITY);
    }

    @Test
    void attentionThatCoolsWithThePositionSaysHowFast() {
        Damaged.model(Architecture.DEEPSEEK2)
                .set("deepseek2.attention.temperature_scale", 0.1f)
                .refused(LAYERS, "deepseek2.attention.temperature_length", "is 0, must be in [1, ");
    }

    @Test
    void experts() {
        refused(EXPERTS, Architecture.LLAMA, "expert_used_count", 3);
        refused(EXPERTS, Architecture.LLAMA, "expert_group_count", 1);
        refused(EXPERTS, Architecture.QWEN3MOE, "expert_count", 1025, ALL_ONES);
        refused(EXPERTS, Architecture.QWEN3MOE, "expert_used_count", 0, 1000, ALL_ONES);
        refused(EXPERTS, Architecture.DEEPSEEK2, "expert_shared_count", ALL_ONES);
        refused(EXPERTS, Architecture.DEEPSEEK2, "expert_gating_func", 5, ALL_ONES);
        refused(EXPERTS, Architecture.DEEPSEEK2, "expert_group_count", 3, ALL_ONES);
        Damaged.model(Architecture.DEEPSEEK2)
                .set("deepseek2.expert_group_count", 2)
                .refused(EXPERTS, "deepseek2.expert_group_used_count", "is 0, must be 1");
        Damaged.model(Architecture.QWEN3MOE)
                .set("qwen3moe.expert_used_count", GgufValue.wholes(GgufType.UINT32, 2, 1))
                .refused(EXPERTS, "qwen3moe.expert_used_count", "differs between layers, from 1 to 2");
    }

    @Test
    void heads() {
        refused(HEADS, Architecture.LLAMA, "attention.head_count", 0);
        Damaged.llama()
                .set("llama.attention.head_count_kv", 3)
                .refused(HEADS, "llama.attention.head_count_kv", "heads cannot share them evenly");
        Damaged.llama()
                .set("llama.attention.value_length", 8)
                .refused(HEADS, "llama.attention.value_length", "must be as the length of keys");
        refused(HEADS, Architecture.LLAMA, "attention.key_length_swa", 0, ALL_ONES);
        refused(HEADS, Architecture.DEEPSEEK2, "attention.head_count_kv", 0, 7);
        refused(HEADS, Architecture.DEEPSEEK2, "attention.value_length", 1);
        refused(HEADS, Architecture.DEEPSEEK2, "attention.key_length_mla", 1);
        refused(HEADS, Architecture.DEEPSEEK2, "attention.head_count", 0);
        Damaged.model(Architecture.DEEPSEEK2)
                .remove("deepseek2.attention.head_count_kv")
                .refused(HEADS, "deepseek2.attention.head_count_kv", "is 2, must be 1");
        Damaged.model(Architecture.DEEPSEEK2)
                .remove("deepseek2.attention.value_length_mla")
                .set("deepseek2.rope.dimension_count", 8)
                .set("deepseek2.attention.key_length", 8)
                .set("deepseek2.attention.value_length", 8)
                .refused(HEADS, "deepseek2.attention.key_length", "is 8, must be");
        Damaged.model(Architecture.DEEPSEEK2)
                .set("deepseek2.attention.head_count_kv", ALL_ONES)
                .refused(HEADS, "deepseek2.attention.head_count_kv", "is 4294967295, must be");
    }

    @Test
    void headsAgreeWithTheTensorsOfEveryLayer() {
        GgufFile file = Damaged.model(Architecture.QWEN2)
                .set("qwen2.attention.key_length", 16)
                .set("qwen2.attention.value_length", 16)
                .set("qwen2.rope.dimension_count", 16)
                .file();
        Assertions.assertThatExceptionOfType(InvalidGgufException.class)
                .isThrownBy(() -> GgufValidator.of(file).validate())
                .withMessageContaining("tensor blk.0.attn_q.weight has 64 rows, must have 32")
                .satisfies(e -> Assertions.assertThat(e.byteOffset())
                        .isEqualTo(file.tensorOffset("blk.0.attn_q.weight"))
                        .isPositive());
    }

    @Test
    void rope() {
        refused(ROPE, Architecture.LLAMA, "rope.dimension_count", 0, 7, ALL_ONES);
        refused(ROPE, Architecture.BERT, "rope.dimension_count", 7, ALL_ONES);
        refused(ROPE, Architecture.LLAMA, "rope.dimension_count_swa", 7, ALL_ONES);
        refused(ROPE, "rope.freq_base", 0, -1, Float.NaN, Float.POSITIVE_INFINITY);
        refused(ROPE, "rope.scaling.factor", -1, Float.NaN);
        refused(ROPE, "rope.scaling.yarn_beta_fast", Float.NaN);
        refused(ROPE, Architecture.LLAMA, "rope.scaling.original_context_length", ALL_ONES);
        Damaged.llama()
                .set("llama.rope.scaling.type", "nonsense")
                .refused(ROPE, "llama.rope.scaling.type", "is \"nonsense\", must be one of");
        Damaged.llama()
                .set("llama.rope.dimension_sections", GgufValue.int32s(1, 2, 3, 4, 5))
                .refused(ROPE, "llama.rope.dimension_sections", "has 5 numbers, at most 4");
        Damaged.llama()
                .set("llama.rope.dimension_sections", GgufValue.int32s(1, -1))
                .refused(ROPE, "llama.rope.dimension_sections", "is -1, must be in");
    }

    @Test
    void stateSpace() {
        refused(STATE_SPACE, Architecture.MAMBA2, "ssm.conv_kernel", 0, 1, ALL_ONES);
        refused(STATE_SPACE, Architecture.MAMBA2, "ssm.inner_size", 0, ALL_ONES);
        refused(STATE_SPACE, Architecture.MAMBA2, "ssm.state_size", 0, ALL_ONES);
        refused(STATE_SPACE, Architecture.MAMBA2, "ssm.time_step_rank", 0, 7, ALL_ONES);
        refused(STATE_SPACE, Architecture.MAMBA2, "ssm.group_count", 0, 3, ALL_ONES);
        refused(STATE_SPACE, Architecture.LLAMA, "wkv.head_size", 0, 7);
        refused(STATE_SPACE, Architecture.LLAMA, "shortconv.l_cache", 1);
    }

    @Test
    void whatALoadReplacesIsCheckedInPlaceOfTheFilesOwn() {
        GgufFile broken = Damaged.llama().set("llama.context_length", 0).file();
        Map<String, GgufValue> repair = Map.of("llama.context_length", GgufValue.uint32(512));
        GgufValidator.of(List.of(broken), repair).validate();
        Map<String, GgufValue> damage = Map.of("llama.expert_count", GgufValue.uint32(2000));
        Assertions.assertThatExceptionOfType(InvalidGgufException.class)
                .isThrownBy(() -> GgufValidator.of(List.of(broken), damage).validate());
    }
}
