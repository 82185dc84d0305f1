package io.github.panllama.gguf;

import io.github.panllama.gguf.GgufValidator.Rules;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What llama.cpp takes for granted of single architectures: a table of who must hold what. Read from how it loads their
 * files and builds their graphs.
 */
final class ArchitectureRules {
    /**
     * A line of the table.
     *
     * @param group the group of rules that it belongs to
     * @param architectures for whom it holds
     * @param check refuses a header
     */
    private record Rule(Rules group, Set<String> architectures, Consumer<ModelHeader> check) {}

    private static final List<Rule> TABLE = List.of(
            rule(Rules.LAYERS, LoopRules::stacks, "hrm_text"),
            rule(Rules.LAYERS, LoopRules::loops, "nanbeige"),
            rule(Rules.LAYERS, LoopRules::normalization, "deepseek4", "dflash"),
            rule(Rules.LAYERS, PieceRules::singleLayer, "eagle3"),
            rule(Rules.LAYERS, PieceRules::decoder, "t5"),
            rule(Rules.LAYERS, PieceRules::buckets, "t5", "t5encoder"),
            rule(Rules.LAYERS, PieceRules::speech, "wavtokenizer-dec"),
            rule(Rules.LAYERS, PieceRules::projections, "gemma-embedding"),
            rule(Rules.LAYERS, PieceRules::images, "qwen3tts", "qwen3vl", "qwen3vlmoe"),
            rule(Rules.LAYERS, PieceRules::compression, "deepseek4"),
            rule(Rules.LAYERS, PredictionRules::ownLayers, PredictionRules.OPTIONAL_LAYERS),
            rule(Rules.LAYERS, DraftRules::blocks, "dflash"),
            rule(Rules.LAYERS, WindowRules::someLayerHasOne, WindowRules.ARCHITECTURES),
            rule(Rules.LAYERS, WindowRules::sharedKeys, "gemma3n", "gemma4"),
            rule(Rules.EXPERTS, PieceRules::gating, PieceRules.GATED),
            rule(Rules.EXPERTS, PieceRules::expertsOfEachLayer, "nemotron_h", "nemotron_h_moe"),
            rule(Rules.EXPERTS, header -> required(header, "expert_count"), "qwen35moe", "qwen4exp"),
            rule(
                    Rules.HEADS,
                    header -> required(header, "attention.head_count"),
                    "gemma2",
                    "gemma3",
                    "olmo2",
                    "phimoe"),
            rule(Rules.HEADS, AttentionRules::fillWidth, AttentionRules.AS_WIDE),
            rule(Rules.HEADS, AttentionRules::windowedHeads, WindowRules.ALIKE),
            rule(Rules.HEADS, AttentionRules::turnWholly, "bailingmoe", "gpt-oss"),
            rule(Rules.HEADS, AttentionRules::ownKeys, "deepseek2-ocr"),
            rule(Rules.HEADS, AttentionRules::latent, "hy_v4"),
            rule(Rules.HEADS, AttentionRules::compressed, AttentionRules.COMPRESSED),
            rule(Rules.HEADS, AttentionRules::indexed, "deepseek32", "deepseek4", "dots3note", "glm-dsa"),
            rule(Rules.HEADS, AttentionRules::firstChooses, "glm-dsa"),
            rule(Rules.HEADS, AttentionRules::choosers, "dots3note"),
            rule(Rules.HEADS, AttentionRules::blocks, "minimax-m3"),
            rule(Rules.HEADS, AttentionRules::outputGroups, "deepseek4", "dflash"),
            rule(Rules.ROPE, PositionRules::sections, PositionRules.BY_SECTION),
            rule(Rules.ROPE, PositionRules::halves, "step35"),
            rule(Rules.ROPE, PositionRules::fixedBase, "deepseek2-ocr"),
            rule(Rules.STATE_SPACE, RecurrentRules::doubleWidth, "granitehybrid", "jamba"),
            rule(Rules.STATE_SPACE, RecurrentRules::interval, "minimax-01", "qwen35", "qwen35moe", "qwen3next"),
            rule(Rules.STATE_SPACE, RecurrentRules::bothKinds, RecurrentRules.HYBRID),
            rule(Rules.STATE_SPACE, RecurrentRules::squareStates, "qwen35", "qwen35moe", "qwen3next", "qwen4exp"),
            rule(Rules.STATE_SPACE, RecurrentRules::noGroups, "plamo2"),
            rule(Rules.STATE_SPACE, RecurrentRules::gate, "bailingmoe3"),
            rule(Rules.STATE_SPACE, RecurrentRules::singleShift, "arwkv7", "rwkv6qwen2"),
            rule(Rules.STATE_SPACE, RecurrentRules::sharedHeads, "rwkv6", "rwkv6qwen2"),
            rule(Rules.TOKENIZER, PieceRules::imageTokens, "chameleon"),
            rule(Rules.TENSORS, PieceRules::gatedFeedForward, "jina-bert-v2"),
            rule(Rules.TENSORS, AttentionRules::gateOfHeads, "laguna"),
            rule(Rules.TENSORS, RecurrentRules::mixing, "rwkv6"));

    private ArchitectureRules() {}

    private static Rule rule(Rules group, Consumer<ModelHeader> check, String... architectures) {
        return rule(group, check, Set.of(architectures));
    }

    private static Rule rule(Rules group, Consumer<ModelHeader> check, Set<String> architectures) {
        return new Rule(group, architectures, check);
    }

    /** Checks what belongs to a group; adapters have no such rules, because they are no model. */
    static void check(ModelHeader header, Rules group) {
        if (header.first().metadata().isAdapter()) {
            return;
        }
        for (Rule rule : TABLE) {
            if (rule.group() == group && rule.architectures().contains(header.architecture())) {
                rule.check().accept(header);
            }
        }
    }

    /** llama.cpp divides by it, whether the file has it or not. */
    private static void required(ModelHeader header, String key) {
        header.range(header.own(key), header.number(key, 0), 1, ModelHeader.NONE);
    }
}
