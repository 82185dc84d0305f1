package io.github.panllama.gguf;

import java.util.Set;

/** The vocabulary: types, lengths, and what llama.cpp asserts of its tokens. */
final class TokenizerRules {
    static final String MODEL = "tokenizer.ggml.model";
    static final String TOKENS = "tokenizer.ggml.tokens";

    private static final String TYPES = "tokenizer.ggml.token_type";
    private static final int MAX_TOKENS = 1 << 24;
    private static final int MAX_TOKEN_BYTES = 1 << 14;

    /** Where tokens become a tree whose branches are followed by recursion, once for each byte. */
    private static final int MAX_BRANCH_BYTES = 1 << 10;

    private static final Set<String> TREES = Set.of("t5", "rwkv");
    private static final int TYPE_OF_BYTES = 6;

    private TokenizerRules() {}

    static void check(ModelHeader header) {
        types(header, "tokenizer.ggml.merges", Set.of(GgufType.STRING));
        types(header, "tokenizer.ggml.precompiled_charsmap", Set.of(GgufType.INT8, GgufType.UINT8));
        types(header, "tokenizer.ggml.suppress_tokens", Set.of(GgufType.INT32));
        header.range(header.own("vocab_size"), header.whole(header.own("vocab_size")), 0, MAX_TOKENS);
        GgufValue value = header.value(TOKENS);
        if (value == null) {
            return; // of a model that works on ids alone; llama.cpp says so of others
        }
        if (!(value instanceof TextArray tokens)) {
            throw wrongType(header, TOKENS, value, Set.of(GgufType.STRING));
        }
        if (tokens.size() == 0 || tokens.size() > MAX_TOKENS) {
            throw header.invalid(TOKENS, "has %d tokens, must have 1 to %d".formatted(tokens.size(), MAX_TOKENS));
        }
        parallel(header, TYPES, tokens.size(), Set.of(GgufType.INT32));
        parallel(header, "tokenizer.ggml.scores", tokens.size(), Set.of(GgufType.FLOAT32, GgufType.INT32));
        lengths(header, tokens);
        bytes(header);
        int repeated = RepeatedText.find(tokens);
        if (repeated >= 0) {
            throw header.invalid(
                    TOKENS,
                    "has the token \"%s\" twice, the second time at %d".formatted(shown(tokens, repeated), repeated));
        }
    }

    private static String shown(TextArray tokens, int index) {
        String text = tokens.stringAt(index);
        return text.length() > 40 ? text.substring(0, 40) + '…' : text;
    }

    private static void types(ModelHeader header, String key, Set<GgufType> allowed) {
        GgufValue value = header.value(key);
        if (value != null && !(value instanceof GgufValue.Array array && allowed.contains(array.elementType()))) {
            throw wrongType(header, key, value, allowed);
        }
    }

    private static InvalidGgufException wrongType(
            ModelHeader header, String key, GgufValue value, Set<GgufType> allowed) {
        String type =
                value instanceof GgufValue.Array array ? "an array of " + array.elementType() : "a " + value.type();
        return header.invalid(key, "is %s, must be an array of %s".formatted(type, allowed));
    }

    private static void parallel(ModelHeader header, String key, int size, Set<GgufType> allowed) {
        types(header, key, allowed);
        header.array(key).filter(array -> array.size() != size).ifPresent(array -> {
            throw header.invalid(
                    key, "has %d elements, must have one for each of %d tokens".formatted(array.size(), size));
        });
    }

    private static void lengths(ModelHeader header, TextArray tokens) {
        int most = TREES.contains(header.text(MODEL).orElse("")) ? MAX_BRANCH_BYTES : MAX_TOKEN_BYTES;
        int index = tokens.longerThan(most);
        if (index >= 0) {
            int length = tokens.end(index) - tokens.start(index);
            throw header.invalid(TOKENS, "has a token of %d bytes at %d, at most %d".formatted(length, index, most));
        }
    }

    /** Word pieces know no tokens of bytes: llama.cpp ends the process over one. */
    private static void bytes(ModelHeader header) {
        if (!header.text(MODEL).orElse("").equals("bert")) {
            return;
        }
        header.array(TYPES).ifPresent(types -> {
            for (int i = 0; i < types.size(); i++) {
                if (types.longAt(i) == TYPE_OF_BYTES) {
                    throw header.invalid(
                            TYPES, "says that token %d is a byte, which word pieces cannot be".formatted(i));
                }
            }
        });
    }
}
