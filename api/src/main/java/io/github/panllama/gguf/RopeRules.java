package io.github.panllama.gguf;

import java.util.List;
import java.util.Set;

/** How positions turn keys and queries. */
final class RopeRules {
    private static final Set<String> SCALINGS = Set.of("none", "linear", "yarn", "longrope");
    private static final int MAX_SECTIONS = 4;

    private RopeRules() {}

    static void check(ModelHeader header) {
        long heads = header.number("attention.head_count", 0);
        if (heads > 0) {
            long width = header.number("embedding_length");
            ofHeads(header, header.whole(header.own("attention.key_length")).orElse(width / heads));
        }
        String type = header.own("rope.scaling.type");
        header.text(type).filter(scaling -> !SCALINGS.contains(scaling)).ifPresent(scaling -> {
            throw header.invalid(type, "is \"%s\", must be one of %s".formatted(scaling, SCALINGS));
        });
        for (String base : List.of("rope.freq_base", "rope.freq_base_swa")) {
            header.finite(header.own(base), Float.MIN_NORMAL, Float.MAX_VALUE);
        }
        for (String factor : List.of("rope.scaling.factor", "rope.scale_linear")) {
            header.finite(header.own(factor), 0, Float.MAX_VALUE);
        }
        header.finite(header.own("rope.scaling.yarn_ext_factor"), -1, Float.MAX_VALUE);
        for (String factor : List.of("attn_factor", "alpha", "yarn_attn_factor", "yarn_beta_fast", "yarn_beta_slow")) {
            header.finite(header.own("rope.scaling." + factor), -Float.MAX_VALUE, Float.MAX_VALUE);
        }
        String original = header.own("rope.scaling.original_context_length");
        header.range(original, header.whole(original), 0, Integer.MAX_VALUE);
        sections(header, header.own("rope.dimension_sections"));
    }

    /** How many numbers of a head turn. */
    static long dimensions(ModelHeader header, long keyLength) {
        return header.whole(header.own("rope.dimension_count")).orElse(keyLength);
    }

    private static void ofHeads(ModelHeader header, long keyLength) {
        String key = header.own("rope.dimension_count");
        long dimensions = dimensions(header, keyLength);
        if (HeadFamilies.turnsWholly(header.architecture())) {
            header.range(key, dimensions, keyLength, keyLength);
        }
        inPairs(header, key, dimensions, keyLength);
        String windowed = header.own("rope.dimension_count_swa");
        long length = header.whole(header.own("attention.key_length_swa")).orElse(keyLength);
        inPairs(header, windowed, header.whole(windowed).orElse(Math.min(dimensions, length)), length);
    }

    private static void inPairs(ModelHeader header, String key, long dimensions, long length) {
        header.range(key, dimensions, 0, length);
        if (dimensions % 2 != 0) {
            throw header.invalid(key, "is %d, must be even: numbers turn in pairs".formatted(dimensions));
        }
    }

    private static void sections(ModelHeader header, String key) {
        header.array(key).filter(ModelHeader::isWhole).ifPresent(sections -> {
            if (sections.size() > MAX_SECTIONS) {
                throw header.invalid(key, "has %d numbers, at most %d".formatted(sections.size(), MAX_SECTIONS));
            }
            for (int i = 0; i < sections.size(); i++) {
                header.range(key, sections.longAt(i), 0, Short.MAX_VALUE);
            }
        });
    }
}
