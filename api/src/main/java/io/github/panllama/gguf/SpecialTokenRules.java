package io.github.panllama.gguf;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The ids of special tokens, and whether there are those that llama.cpp puts around texts: it asserts that there are. */
final class SpecialTokenRules {
    private static final List<String> KEYS = List.of(
            "bos",
            "eos",
            "eot",
            "eom",
            "unknown",
            "seperator",
            "padding",
            "cls",
            "mask",
            "fim_pre",
            "fim_suf",
            "fim_mid",
            "fim_pad",
            "fim_rep",
            "fim_sep",
            "prefix",
            "suffix",
            "middle");

    private static final Set<String> BEGUN_BY_NAME = Set.of(
            "llama3",
            "llama-v3",
            "llama-bpe",
            "falcon3",
            "falcon-h1",
            "pixtral",
            "midm-2.0",
            "lfm2",
            "jina-v5-nano",
            "tekken",
            "chameleon");

    private static final long NONE = ModelHeader.NONE;

    /**
     * What llama.cpp takes where a file does not say.
     *
     * @param begin the token that begins texts
     * @param end the token that ends texts
     * @param addBegin whether it is added
     * @param addEnd whether it is added
     */
    private record Defaults(long begin, long end, boolean addBegin, boolean addEnd) {}

    private SpecialTokenRules() {}

    static void check(ModelHeader header) {
        if (!(header.value(TokenizerRules.TOKENS) instanceof TextArray tokens) || tokens.size() == 0) {
            return; // without a vocabulary there are no ids that could be wrong
        }
        int size = tokens.size();
        for (String name : KEYS) {
            String key = key(name);
            header.whole(key).ifPresent(id -> {
                if (id != NONE && id >= size) {
                    throw header.invalid(
                            key,
                            "is %d, must be below the %d tokens of the vocabulary, or %d for none; it can be replaced in"
                                            .formatted(id, size, NONE)
                                    + " the options of a load");
                }
            });
        }
        String model = header.text(TokenizerRules.MODEL).orElse("");
        defaults(model, header.text("tokenizer.ggml.pre").orElse("")).ifPresent(defaults -> {
            require(
                    header,
                    "bos",
                    defaults.begin(),
                    defaults.addBegin(),
                    model.equals("gemma4") || model.equals("bert"),
                    size);
            require(header, "eos", defaults.end(), defaults.addEnd(), false, size);
            if (model.equals("bert")) {
                require(header, "seperator", 102, true, true, size);
            }
        });
    }

    private static String key(String name) {
        return "tokenizer.ggml." + name + "_token_id";
    }

    private static Optional<Defaults> defaults(String model, String pre) {
        return Optional.ofNullable(
                switch (model) {
                    case "llama" -> new Defaults(1, 2, true, false);
                    case "bert" -> new Defaults(101, NONE, true, false);
                    case "t5" -> new Defaults(NONE, 1, false, true);
                    case "gemma4" -> new Defaults(NONE, NONE, true, false);
                    case "gpt2", "hybriddna", "whitespace" ->
                        new Defaults(
                                pre.equals("glm4") || pre.equals("chatglm-bpe") ? NONE : 11,
                                11,
                                BEGUN_BY_NAME.contains(pre),
                                false);
                    default -> null;
                });
    }

    private static void require(
            ModelHeader header, String name, long missing, boolean added, boolean always, int size) {
        boolean wanted =
                always || header.flag("tokenizer.ggml.add_" + name + "_token").orElse(added);
        long given = header.whole(key(name)).orElse(NONE);
        long id = given == NONE ? missing : given;
        if (wanted && !(name.equals("eos") && isBert(header)) && id >= size) {
            throw header.invalid(
                    key(name),
                    "names no token of the %d in the vocabulary, and texts are to have it: llama.cpp would end the process"
                            .formatted(size));
        }
    }

    private static boolean isBert(ModelHeader header) {
        return header.text(TokenizerRules.MODEL).orElse("").equals("bert");
    }
}
