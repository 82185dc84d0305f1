package io.github.panllama.gguf;

import static io.github.panllama.gguf.GgufValidator.Rules.EXPERTS;
import static io.github.panllama.gguf.GgufValidator.Rules.LAYERS;
import static io.github.panllama.gguf.GgufValidator.Rules.TOKENIZER;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What single architectures take for granted of their layers, parts and experts. */
class ArchitectureRulesTest extends HeaderChecks {
    @Test
    void layersThatRunMoreThanOnce() {
        Supplier<RealHeader> stacks = () -> small("hrm_text")
                .own("hrm.layers_per_stack", 1)
                .own("hrm.h_cycles", 2)
                .own("hrm.l_cycles", 3);
        refused(LAYERS, stacks, "hrm_text", "hrm.layers_per_stack", 0, ALL_ONES);
        refused(LAYERS, stacks, "hrm_text", "hrm.h_cycles", 0);
        refused(LAYERS, stacks, "hrm_text", "hrm.l_cycles", 0);
        refused(LAYERS, stacks, "hrm_text", "block_count", 7);
        refused(LAYERS, () -> small("nanbeige"), "nanbeige", "num_loops", 0, 9, ALL_ONES);
        passes(small("nanbeige").own("num_loops", 8));
        refused(
                LAYERS,
                stacks,
                header -> header.own("hrm.l_cycles", 16),
                "hrm_text.hrm.l_cycles",
                "makes 34 turns, at most 32");
    }

    @Test
    void connectionsBetweenLayers() {
        Supplier<RealHeader> sound = HeaderChecks::deepSeek4;
        refused(LAYERS, sound, "deepseek4", "hyper_connection.count", 2);
        refused(LAYERS, sound, "deepseek4", "hyper_connection.sinkhorn_iterations", ALL_ONES);
        refused(
                LAYERS,
                sound,
                header -> header.own("attention.compress_ratios", GgufValue.int32s(new int[513])),
                "deepseek4.attention.compress_ratios",
                "has 513 numbers, at most 512");
        Supplier<RealHeader> draft = () -> deepSeekDraft().own("hyper_connection.count", 4);
        refused(LAYERS, draft, "dflash", "hyper_connection.count", 3);
        passes(deepSeekDraft());
    }

    @Test
    void partsBesideTheUsualOnes() {
        refused(LAYERS, RealHeaders::eagle, "eagle3", "block_count", 2);
        Supplier<RealHeader> translator =
                () -> small("t5").own("decoder_block_count", 8).own("attention.relative_buckets_count", 32);
        refused(LAYERS, translator, "t5", "decoder_block_count", 0, 9, ALL_ONES);
        refused(LAYERS, translator, "t5", "attention.relative_buckets_count", 0, 3, 256);
        refused(
                LAYERS,
                () -> small("t5encoder").own("attention.relative_buckets_count", 256),
                "t5encoder",
                "attention.relative_buckets_count",
                3,
                512);
        refused(LAYERS, RealMixedHeaders::embeddingGemma, "gemma-embedding", "dense_2_feat_in", 767);
        refused(LAYERS, RealMixedHeaders::embeddingGemma, "gemma-embedding", "dense_3_feat_out", 1);
        refused(LAYERS, RealMixedHeaders::embeddingGemma, "gemma-embedding", "dense_3_feat_in", 3071);
        Supplier<RealHeader> vision =
                () -> small("qwen3vl").own("rope.dimension_sections", GgufValue.int32s(4, 2, 2, 0));
        refused(LAYERS, vision, "qwen3vl", "n_deepstack_layers", 9, ALL_ONES);
        passes(vision.get().own("n_deepstack_layers", 3));
    }

    @Test
    void draftsOfBlocks() {
        Supplier<RealHeader> pairs =
                () -> small("dflash").matrix("markov_w1", 32, 64).own("block_size", 16);
        refused(LAYERS, pairs, "dflash", "block_size", 0, 1000, ALL_ONES);
        passes(small("dflash"));
        Supplier<RealHeader> choice = () -> small("dflash")
                .own("block_count", 2)
                .matrix("selector_hidden", 64, 32)
                .vocabulary("gpt2", "default", 64)
                .own("block_size", 16)
                .own("conv_kernel_size", 2)
                .own("conv_group_size", 32)
                .own("selector_top_k", 4);
        refused(LAYERS, choice, "dflash", "block_size", 0);
        refused(LAYERS, choice, "dflash", "conv_kernel_size", 0, 100, ALL_ONES);
        refused(LAYERS, choice, "dflash", "conv_group_size", 0);
        refused(LAYERS, choice, "dflash", "selector_top_k", 0, 65, ALL_ONES);
    }

    @Test
    void layersThatPredictAlone() {
        for (String architecture : List.of("glm4moe", "hy_v3", "step35")) {
            Supplier<RealHeader> whole = () -> small(architecture)
                    .experts(4, 2, 32)
                    .embeddings(64, 64, true)
                    .attention(0, 64, 64, 32)
                    .own("nextn_predict_layers", 1);
            passes(whole.get());
            RealHeader alone = small(architecture)
                    .experts(4, 2, 32)
                    .embeddings(64, 64, true)
                    .attention(7, 64, 64, 32)
                    .own("nextn_predict_layers", 1);
            assertThat(failures(alone))
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.failure())
                            .hasMessageContaining(architecture + ".nextn_predict_layers is 1")
                            .hasMessageContaining("predicting layers of a model alone"));
        }
    }

    @Test
    void speech() {
        Supplier<RealHeader> sound = () -> new RealHeader("wavtokenizer-dec")
                .size(12, 4096, 1282, 2304)
                .own("features_length", 512)
                .own("posnet.embedding_length", 768)
                .own("posnet.block_count", 6)
                .own("convnext.embedding_length", 768)
                .own("convnext.block_count", 12)
                .own("attention.group_norm_groups", 32);
        refused(LAYERS, sound, "wavtokenizer-dec", "features_length", 6);
        refused(LAYERS, sound, "wavtokenizer-dec", "posnet.block_count", 7, ALL_ONES);
        refused(LAYERS, sound, "wavtokenizer-dec", "convnext.block_count", 13);
        refused(LAYERS, sound, "wavtokenizer-dec", "convnext.embedding_length", 767);
        refused(LAYERS, sound, "wavtokenizer-dec", "attention.group_norm_groups", 0, ALL_ONES);
    }

    @Test
    void someLayerHasAWindow() {
        String key = "attention.sliding_window_pattern";
        Supplier<RealHeader> gemma = () -> small("gemma3").own("attention.sliding_window", 64);
        refused(LAYERS, gemma, header -> header.own(key, 1), "gemma3." + key, "lets all 8 layers");
        passes(small("gemma3").own(key, 1));
        refused(
                LAYERS,
                () -> small("gpt-oss"),
                header -> header.own(key, GgufValue.int32s(new int[8])),
                "gpt-oss." + key,
                "lets all 8 layers");
        refused(
                LAYERS,
                () -> small("cohere2moe"),
                header -> header.own("block_count", 1),
                "cohere2moe." + key,
                "lets all 1 layers");
        refused(
                LAYERS,
                RealMixedHeaders::embeddingGemma,
                header -> header.own(key, 0),
                "gemma-embedding." + key,
                "gives all 24 layers a window");
        passes(small("modern-bert").own(key, 0));
        passes(small("cohere2").own("block_count", 1));
        passes(small("exaone4").own(key, 1));
        passes(small("llama4").own(key, 1).own("attention.sliding_window", 0));
        refused(LAYERS, () -> small("llama4"), header -> header.own(key, 1), "llama4." + key, "lets all 8 layers");
    }

    @Test
    void layersThatShareKeysLookAsFar() {
        String key = "attention.sliding_window_pattern";
        refused(
                LAYERS,
                RealMixedHeaders::gemmaNano,
                header -> header.own(key, 7),
                "gemma3n." + key,
                "gives one of the layers 19 and 20 a window");
        Supplier<RealHeader> gemma = () -> small("gemma4")
                .own(key, RealMixedHeaders.layers(8, 0, 1, List.of(3, 7)))
                .own("attention.shared_kv_layers", 4);
        refused(LAYERS, gemma, "gemma4", "attention.shared_kv_layers", 7, ALL_ONES);
        refused(
                LAYERS,
                gemma,
                header -> header.own("attention.shared_kv_layers", 3),
                "gemma4." + key,
                "gives one of the layers 3 and 5 a window");
        refused(LAYERS, () -> gemma.get().own("attention.shared_kv_layers", 0), "gemma4", "block_count", 1);
    }

    @Test
    void expertsThatAFileMustChoose() {
        Supplier<RealHeader> gated =
                () -> small("bailingmoe2").experts(4, 2, 32).own("expert_gating_func", 2);
        refused(EXPERTS, gated, "bailingmoe2", "expert_gating_func", 0);
        refused(
                EXPERTS,
                () -> small("dots1").experts(4, 2, 32).own("leading_dense_block_count", 8),
                header -> header.own("leading_dense_block_count", 1),
                "dots1.expert_gating_func",
                "is 0, must be in [1, 4]");
        Supplier<RealHeader> counted =
                () -> small("qwen35moe").experts(4, 2, 32).own("rope.dimension_sections", GgufValue.int32s(4, 2, 2, 0));
        refused(
                EXPERTS,
                counted,
                header -> header.own("expert_count", 0).own("expert_used_count", 0),
                "qwen35moe.expert_count",
                "is 0, must be in [1,");
        Supplier<RealHeader> mixed = () -> mixed("nemotron_h_moe")
                .own("feed_forward_length", RealMixedHeaders.layers(8, 0, 128, List.of(0, 1)))
                .own("expert_count", 4)
                .own("expert_used_count", RealMixedHeaders.layers(8, 0, 2, List.of(0, 1)));
        refused(
                EXPERTS,
                mixed,
                header -> header.own("expert_used_count", RealMixedHeaders.layers(8, 0, 2, List.of(0, 7))),
                "nemotron_h_moe.expert_used_count",
                "is 0 in layer 7");
    }

    @Test
    void imagesHavePlaceInTheVocabulary() {
        refused(
                TOKENIZER,
                () -> small("chameleon").vocabulary("gpt2", "chameleon", 8196),
                header -> header.vocabulary("gpt2", "chameleon", 8195),
                "tokenizer.ggml.tokens",
                "has 8195 tokens, must have at least 8196");
    }
}
