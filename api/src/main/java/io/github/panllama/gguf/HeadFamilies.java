package io.github.panllama.gguf;

import java.util.Set;

/** Which architectures' graphs take for granted that the lengths of their heads agree. Read from those graphs. */
final class HeadFamilies {
    /** Keys and values are as long as each other, and all of a key turns with its position. */
    private static final Set<String> WHOLE = Set.of(
            "apertus",
            "arcee",
            "arctic",
            "baichuan",
            "chameleon",
            "codeshell",
            "cogvlm",
            "cohere2moe",
            "dbrx",
            "deci",
            "deepseek",
            "dots1",
            "dream",
            "ernie4_5",
            "ernie4_5-moe",
            "exaone",
            "exaone-moe",
            "exaone4",
            "falcon",
            "granite",
            "granite_swa",
            "granitemoe",
            "graniteswitch",
            "grok",
            "grovemoe",
            "hunyuan-dense",
            "hunyuan-moe",
            "hunyuan_vl",
            "hy_v3",
            "internlm2",
            "jais2",
            "llada",
            "llada-moe",
            "llama",
            "llama-embed",
            "llama4",
            "maincoder",
            "mellum",
            "minicpm",
            "mistral3",
            "olmo",
            "olmo2",
            "olmoe",
            "orion",
            "paddleocr",
            "pangu-embedded",
            "plamo",
            "pockettts",
            "qwen2",
            "qwen2moe",
            "qwen2vl",
            "qwen3",
            "qwen3moe",
            "qwen3vl",
            "qwen3vlmoe",
            "rnd1",
            "seed_oss",
            "smallthinker",
            "smollm3",
            "starcoder2",
            "talkie",
            "xverse");

    /** Keys and values are as long as each other. */
    private static final Set<String> EQUAL = Set.of(
            "afmoe",
            "bailingmoe2",
            "bert",
            "bitnet",
            "bloom",
            "chatglm",
            "cohere2",
            "command-r",
            "eurobert",
            "glm4",
            "glm4moe",
            "gpt2",
            "gptneox",
            "granitehybrid",
            "jais",
            "jina-bert-v2",
            "jina-bert-v3",
            "laguna",
            "maple",
            "minimax-01",
            "minimax-m2",
            "minimax-m3",
            "modern-bert",
            "mpt",
            "muse-glimmer",
            "nanbeige",
            "nemotron",
            "nemotron_h",
            "nemotron_h_moe",
            "neo-bert",
            "nomic-bert",
            "nomic-bert-moe",
            "openelm",
            "phi2",
            "phi3",
            "phimoe",
            "qwen",
            "qwen35",
            "qwen35moe",
            "qwen3next",
            "refact",
            "spark2_5",
            "stablelm",
            "starcoder",
            "t5",
            "t5encoder");

    /** Queries, keys and values have one row for each number of each head, in tensors of their own or in one. */
    private static final Set<String> ROWS = Set.of(
            "bert",
            "gemma",
            "gemma2",
            "jina-bert-v2",
            "jina-bert-v3",
            "minimax-01",
            "minimax-m2",
            "nemotron",
            "nomic-bert",
            "nomic-bert-moe");

    /** Layers that keep a state have a joined tensor of other rows, which llama.cpp compares by itself. */
    private static final Set<String> MIXED = Set.of("minimax-01");

    /** Heads share one latent vector where the lengths before compression are given. */
    private static final Set<String> LATENT = Set.of("deepseek2", "deepseek2-ocr", "deepseek32", "glm-dsa", "mistral4");

    /** Of those, some turn a part of each key only, and keep the rest as it is. */
    private static final Set<String> PARTLY = Set.of("deepseek2", "mistral4");

    private HeadFamilies() {}

    static boolean turnsWholly(String architecture) {
        return WHOLE.contains(architecture);
    }

    static boolean hasEqualLengths(String architecture) {
        return WHOLE.contains(architecture) || EQUAL.contains(architecture);
    }

    static boolean hasRowsForHeads(String architecture) {
        return WHOLE.contains(architecture) || ROWS.contains(architecture);
    }

    /** Whether that is so of the joined tensor as well. */
    static boolean hasJoinedRowsForHeads(String architecture) {
        return hasRowsForHeads(architecture) && !MIXED.contains(architecture);
    }

    static boolean mayBeLatent(String architecture) {
        return LATENT.contains(architecture);
    }

    static boolean turnsPartly(String architecture) {
        return PARTLY.contains(architecture);
    }
}
