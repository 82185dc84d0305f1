package io.github.panllama.gguf;

import java.util.Optional;
import java.util.Set;

/** Positions of more than one number, and other ways to turn heads that few architectures have. */
final class PositionRules {
    /** Their positions always have several numbers: one for time, two for the place in an image. */
    private static final Set<String> ALWAYS =
            Set.of("paddleocr", "qwen2vl", "qwen35", "qwen35moe", "qwen3tts", "qwen3vl", "qwen3vlmoe", "qwen4exp");

    /** Those whose files may cut heads into sections, one for each number of a position. */
    static final Set<String> BY_SECTION = Set.of(
            "dflash",
            "glm4",
            "glm4moe",
            "hunyuan_vl",
            "paddleocr",
            "qwen2vl",
            "qwen35",
            "qwen35moe",
            "qwen3tts",
            "qwen3vl",
            "qwen3vlmoe",
            "qwen4exp");

    private static final int SECTIONS = 4;

    private PositionRules() {}

    static void sections(ModelHeader header) {
        String key = header.own("rope.dimension_sections");
        Optional<long[]> given = given(header, key);
        if (given.isEmpty()) {
            return; // llama.cpp refuses it by itself
        }
        long[] sections = given.get();
        if (!cuts(header.architecture(), sections)) {
            return;
        }
        if (sections[0] + sections[1] + sections[2] == 0) {
            throw header.invalid(key, "has nothing in the first three sections, must have in one of them at least");
        }
        long length = AttentionRules.length(header, "attention.key_length");
        long together = sections[0] + sections[1] + sections[2] + sections[3];
        if (together > length) {
            throw header.invalid(
                    key, "is %d together, must be at most a head's length, %d".formatted(together, length));
        }
    }

    /** A single number stands for all four; without the key there are none. */
    private static Optional<long[]> given(ModelHeader header, String key) {
        long[] sections = new long[SECTIONS];
        if (header.value(key) == null) {
            return header.architecture().equals("paddleocr") ? Optional.of(sections) : Optional.empty();
        }
        Optional<GgufValue.Array> array = header.array(key).filter(ModelHeader::isWhole);
        if (array.isPresent()
                ? array.get().size() != SECTIONS
                : header.whole(key).isEmpty()) {
            return Optional.empty();
        }
        for (int i = 0; i < SECTIONS; i++) {
            sections[i] = array.isPresent()
                    ? array.get().longAt(i)
                    : header.whole(key).orElse(0);
        }
        return Optional.of(sections);
    }

    private static boolean cuts(String architecture, long[] sections) {
        if (architecture.equals("dflash")) {
            return sections[0] != 0 || sections[1] != 0 || sections[2] != 0 || sections[3] != 0;
        }
        return ALWAYS.contains(architecture) || (sections[0] > 0 && sections[1] > 0);
    }

    /** Half of what the file says turns, in pairs, in layers without a window. */
    static void halves(ModelHeader header) {
        String key = header.own("rope.dimension_count");
        long dimensions = RopeRules.dimensions(header, AttentionRules.length(header, "attention.key_length"));
        if (dimensions % 4 != 0) {
            throw header.invalid(
                    key, "is %d, must be a multiple of 4: half of it turns, in pairs".formatted(dimensions));
        }
    }

    static void fixedBase(ModelHeader header) {
        String key = header.own("rope.freq_base");
        header.real(key).ifPresent(base -> {
            if (Math.abs(base - 10_000) >= 1e-4) {
                throw header.invalid(key, "is %s, must be 10000".formatted(base));
            }
        });
    }
}
