package io.github.panllama.gguf;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which layers look at a window of the last tokens alone, and what llama.cpp asserts of them. */
final class WindowRules {
    /** Every so many layers the last looks at all tokens, where a file does not say. */
    private static final Map<String, Integer> LAST_LOOKS_FAR = Map.ofEntries(
            Map.entry("afmoe", 4),
            Map.entry("cohere2", 4),
            Map.entry("exaone-moe", 4),
            Map.entry("exaone4", 4),
            Map.entry("gemma-embedding", 6),
            Map.entry("gemma2", 2),
            Map.entry("gemma3", 6),
            Map.entry("gemma3n", 5),
            Map.entry("gpt-oss", 2),
            Map.entry("llama4", 4),
            Map.entry("mellum", 4),
            Map.entry("muse-glimmer", 4),
            Map.entry("olmo2", 4),
            Map.entry("plamo3", 8));

    /** Every so many layers the first does. */
    private static final Map<String, Integer> FIRST_LOOKS_FAR =
            Map.of("cohere2moe", 4, "laguna", 4, "modern-bert", 3, "smallthinker", 4);

    /** Their files list the layers. */
    private static final Set<String> LISTED =
            Set.of("dflash", "gemma4", "gemma4-assistant", "granite_swa", "maple", "mimo2", "spark2_5", "step35");

    /** Without a window, or with one of 0, all of their layers look at all tokens. */
    private static final Set<String> OPTIONAL =
            Set.of("afmoe", "dflash", "gemma3", "laguna", "mellum", "modern-bert", "olmo2", "plamo3", "smallthinker");

    /** They have no memory of tokens before, and llama.cpp fills a mask for each kind of layer, used or not. */
    private static final Set<String> MASKED = Set.of("gemma-embedding", "modern-bert");

    /** Those whose layers llama.cpp divides into ones with a window and ones that look at all tokens. */
    static final Set<String> ARCHITECTURES = architectures();

    /** Of those, whose graphs have heads of one kind. */
    static final Set<String> ALIKE = alike();

    private static final String WINDOW = "attention.sliding_window";
    private static final String PATTERN = "attention.sliding_window_pattern";

    /** From this layer on Gemma 3n has no keys of its own, and takes those of a layer before. */
    private static final int KEYS_OF_GEMMA = 20;

    private WindowRules() {}

    private static Set<String> architectures() {
        Set<String> all = new HashSet<>(LISTED);
        all.addAll(LAST_LOOKS_FAR.keySet());
        all.addAll(FIRST_LOOKS_FAR.keySet());
        return Set.copyOf(all);
    }

    private static Set<String> alike() {
        Set<String> alike = new HashSet<>(ARCHITECTURES);
        alike.removeAll(Set.of("gemma4", "gemma4-assistant", "spark2_5"));
        return Set.copyOf(alike);
    }

    static void someLayerHasOne(ModelHeader header) {
        if (!hasWindows(header)) {
            return;
        }
        int windowed = 0;
        for (int layer = 0; layer < header.layers(); layer++) {
            windowed += isWindowed(header, layer) ? 1 : 0;
        }
        if (windowed == 0) {
            throw header.invalid(
                    header.own(PATTERN),
                    "lets all %d layers look at all tokens, must leave one or more to a window"
                            .formatted(header.layers()));
        }
        if (windowed == header.layers() && MASKED.contains(header.architecture())) {
            throw header.invalid(
                    header.own(PATTERN),
                    "gives all %d layers a window, must let one or more look at all tokens".formatted(header.layers()));
        }
    }

    private static boolean hasWindows(ModelHeader header) {
        String architecture = header.architecture();
        long window = header.number(WINDOW);
        if (LISTED.contains(architecture) && pattern(header).isEmpty()) {
            return false; // llama.cpp refuses it by itself
        }
        return switch (architecture) {
            case "dflash" -> window > 0 && !PieceRules.hasHyperConnections(header);
            case "exaone4" -> header.ownLayers() == 64;
            case "llama4" -> window > 0 || header.whole(header.own(WINDOW)).isEmpty();
            default -> window > 0 || !OPTIONAL.contains(architecture);
        };
    }

    private static Optional<GgufValue.Array> pattern(ModelHeader header) {
        return header.array(header.own(PATTERN)).filter(ModelHeader::isWhole);
    }

    static boolean isWindowed(ModelHeader header, int layer) {
        Optional<GgufValue.Array> listed = pattern(header);
        if (listed.isPresent()) {
            return layer < listed.get().size() && listed.get().longAt(layer) != 0;
        }
        Integer first = FIRST_LOOKS_FAR.get(header.architecture());
        int usual = first != null ? first : LAST_LOOKS_FAR.getOrDefault(header.architecture(), 1);
        long every = header.whole(header.own(PATTERN)).orElse(usual);
        if (layer >= header.ownLayers()) {
            return false;
        }
        return every == 0 || (first != null ? layer % every != 0 : layer % every < every - 1);
    }

    /** The last layers take keys of a layer before them that looks as far as they do. */
    static void sharedKeys(ModelHeader header) {
        int from = KEYS_OF_GEMMA;
        if (header.architecture().equals("gemma4")) {
            header.range(header.own("block_count"), header.layers(), 2, LayerRules.MAX_LAYERS);
            String key = header.own("attention.shared_kv_layers");
            long shared = header.whole(key).orElse(0);
            header.range(key, shared, 0, header.layers() - 2);
            from = header.layers() - (int) shared;
        }
        for (int layer = from; layer < header.ownLayers(); layer++) {
            boolean windowed = isWindowed(header, layer);
            int source = from - (windowed ? 2 : 1);
            if (windowed != isWindowed(header, source)) {
                throw header.invalid(
                        header.own(PATTERN),
                        "gives one of the layers %d and %d a window, and they share their keys: must give it to both or none"
                                .formatted(source, layer));
            }
        }
    }
}
