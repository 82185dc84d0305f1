package io.github.panllama.gguf;

import static io.github.panllama.gguf.GgufValidator.Rules.HEADS;
import static io.github.panllama.gguf.GgufValidator.Rules.ROPE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What single architectures take for granted of their heads, and of how these turn. */
class AttentionRulesTest extends HeaderChecks {
    @Test
    void headsThatFillTheWidth() {
        refused(HEADS, RealMixedHeaders::liquid, "lfm2", "attention.key_length", 32);
        refused(
                HEADS,
                RealMixedHeaders::jamba,
                header -> header.own("attention.value_length", 64),
                "jamba.attention.value_length",
                "is 64 for each of 32 heads, must be 4096 for all together");
        refused(
                HEADS,
                () -> small("gpt2"),
                header -> header.lengths(8, 8),
                "gpt2.attention.key_length",
                "is 8 for each");
        Supplier<RealHeader> ocr = () -> small("deepseek2-ocr").heads(4, 4);
        refused(HEADS, ocr, "deepseek2-ocr", "attention.head_count_kv", 2);
        refused(
                ROPE,
                ocr,
                header -> header.own("rope.freq_base", 1e6f),
                "deepseek2-ocr.rope.freq_base",
                "must be 10000");
    }

    @Test
    void headsThatAreDividedBy() {
        RealHeader without = new RealHeader("olmo2").size(8, 128, 64, 128);
        assertThat(failures(without)).singleElement().satisfies(finding -> {
            assertThat(finding.rules()).isEqualTo(HEADS);
            assertThat(finding.failure()).hasMessageContaining("olmo2.attention.head_count is 0, must be");
        });
        refused(HEADS, () -> small("gemma3").own("attention.sliding_window", 0), "gemma3", "attention.head_count", 0);
        refused(HEADS, () -> small("stablelm"), "stablelm", "attention.head_count_kv", 3);
    }

    @Test
    void headsOfLayersWithAndWithoutAWindowAreAlike() {
        Supplier<RealHeader> sound = () -> small("cohere2moe");
        refused(HEADS, sound, "cohere2moe", "attention.key_length_swa", 8);
        refused(HEADS, sound, "cohere2moe", "attention.value_length_swa", 8);
        refused(HEADS, sound, "cohere2moe", "rope.dimension_count_swa", 8);
        refused(HEADS, () -> small("gpt-oss"), "gpt-oss", "rope.dimension_count", 8);
    }

    @Test
    void latentHeads() {
        Supplier<RealHeader> sound = () -> small("hy_v4")
                .heads(4, 1)
                .own("rope.dimension_count", 4)
                .own("attention.kv_lora_rank", 12)
                .own("attention.key_length_mla", 8)
                .own("attention.value_length_mla", 4);
        refused(HEADS, sound, "hy_v4", "attention.key_length_mla", 0, 4);
        refused(HEADS, sound, "hy_v4", "attention.value_length_mla", 0);
        refused(
                HEADS,
                sound,
                header -> header.own("attention.kv_lora_rank", 11),
                "hy_v4.attention.key_length",
                "is 16, must be 15");
        refused(HEADS, sound, "hy_v4", "attention.head_count_kv", 2);
        refused(HEADS, RealMixedHeaders::kimi, "kimi-linear", "attention.key_length", 512);
        refused(
                HEADS,
                RealMixedHeaders::kimi,
                header -> header.own("attention.head_count_kv", RealMixedHeaders.layers(27, 2, 0, List.of(3))),
                "kimi-linear.attention.head_count_kv",
                "is 2, must be in [0, 1]");
        Supplier<RealHeader> indexed = () -> small("deepseek32").own("attention.indexer.key_length", 16);
        refused(HEADS, indexed, "deepseek32", "attention.indexer.key_length", 15);
    }

    @Test
    void choosersAndGroupsOfHeads() {
        Supplier<RealHeader> blocks = () -> small("minimax-m3")
                .own("attention.indexer.head_count", 2)
                .own("attention.indexer.top_k", 16)
                .own("attention.indexer.block_size", 128)
                .own("attention.indexer.local_blocks", 1);
        refused(HEADS, blocks, "minimax-m3", "attention.indexer.block_size", 0, ALL_ONES);
        refused(HEADS, blocks, "minimax-m3", "attention.indexer.top_k", 0, ALL_ONES);
        refused(HEADS, blocks, "minimax-m3", "attention.indexer.head_count", 4);
        refused(HEADS, HeaderChecks::deepSeek4, "deepseek4", "attention.output_group_count", 0, 3);
        refused(HEADS, HeaderChecks::deepSeek4, "deepseek4", "attention.value_length", 8);
        refused(HEADS, HeaderChecks::deepSeek4, "deepseek4", "attention.indexer.key_length", 7);
        Supplier<RealHeader> draft = () -> deepSeekDraft().own("hyper_connection.count", 4);
        refused(HEADS, draft, "dflash", "attention.output_group_count", 0);
        refused(HEADS, draft, "dflash", "attention.sliding_window", 0);
    }

    @Test
    void layersThatChooseTokens() {
        String key = "attention.indexer.types";
        Supplier<RealHeader> shared =
                () -> small("glm-dsa").heads(4, 1).own(key, RealMixedHeaders.layers(8, 1, 0, List.of(0, 4)));
        refused(
                HEADS,
                shared,
                header -> header.own(key, RealMixedHeaders.layers(8, 1, 0, List.of(1))),
                "glm-dsa." + key,
                "is 0 in layer 0");
        Supplier<RealHeader> windows = () -> small("dots3note")
                .own("attention.sliding_window_pattern", RealMixedHeaders.layers(8, 0, 1, List.of(3, 7)))
                .own(key, RealMixedHeaders.layers(8, 1, 0, List.of(3, 7)));
        refused(
                HEADS,
                windows,
                header -> header.own(key, RealMixedHeaders.layers(8, 1, 0, List.of(3))),
                "dots3note." + key,
                "is 0 in layer 7, which has no window");
        refused(
                HEADS,
                windows,
                header -> header.own("attention.sliding_window_pattern", RealMixedHeaders.layers(8, 1, 1, List.of())),
                "dots3note." + key,
                "in no layer without a window");
    }

    @Test
    void sectionsOfHeads() {
        String key = "rope.dimension_sections";
        refused(
                ROPE,
                RealMixedHeaders::qwenVision,
                header -> header.own(key, GgufValue.int32s(0, 0, 0, 64)),
                "qwen2vl." + key,
                "has nothing in the first three sections");
        refused(
                ROPE,
                RealMixedHeaders::qwenVision,
                header -> header.own(key, GgufValue.int32s(100, 24, 24, 0)),
                "qwen2vl." + key,
                "is 148 together, must be at most a head's length, 128");
        Supplier<RealHeader> one = () -> small("glm4").own(key, GgufValue.int32s(0, 9, 9, 9));
        refused(ROPE, one, header -> header.own(key, 9), "glm4." + key, "is 36 together");
        assertThat(failures(small("paddleocr"))).hasSize(1);
        passes(small("paddleocr").own(key, GgufValue.int32s(4, 2, 2, 0)));
        refused(ROPE, () -> small("step35"), "step35", "rope.dimension_count", 6);
    }
}
