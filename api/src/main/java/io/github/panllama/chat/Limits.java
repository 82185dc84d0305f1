package io.github.panllama.chat;

import java.util.Objects;

/**
 * What is checked before native code sees a text. Its parsers recurse, and on a Java thread's stack too deep a recursion
 * ends the process. Whether a text is right is left to them; here only its size and its nesting count.
 */
final class Limits {
    /** Characters of all texts of a prompt, or of a reply. */
    static final int MAX_TEXT = 1 << 26;

    /** Of JSON. A stack of 1 MiB holds several times as many. */
    static final int MAX_JSON_DEPTH = 64;

    private static final int MAX_JSON = 1 << 22;

    /** Of brackets in a reply that may have tool calls, whose arguments are JSON. The stack holds some 390. */
    private static final int MAX_REPLY_DEPTH = 128;

    private Limits() {}

    static String word(String what, String value) {
        Objects.requireNonNull(value, what);
        if (value.isBlank() || value.length() > 256 || value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "%s is '%s', must be a word of at most 256 characters".formatted(what, value.strip()));
        }
        return value;
    }

    static String json(String what, String value) {
        Objects.requireNonNull(value, what);
        if (value.length() > MAX_JSON) {
            throw new IllegalArgumentException(
                    "%s has %d characters of JSON, at most %d are allowed".formatted(what, value.length(), MAX_JSON));
        }
        int depth = jsonDepth(value);
        if (depth > MAX_JSON_DEPTH) {
            throw new IllegalArgumentException(
                    "%s is JSON that nests more than %d levels deep".formatted(what, MAX_JSON_DEPTH));
        }
        return value;
    }

    /** A reply that the parser may see. */
    static void reply(String reply, boolean tools) {
        if (reply.length() > MAX_TEXT) {
            throw new IllegalArgumentException(
                    "The reply has %d characters, at most %d are allowed".formatted(reply.length(), MAX_TEXT));
        }
        int depth = 0;
        // Where strings begin depends on the format: every bracket counts.
        for (int i = 0; tools && i < reply.length(); i++) {
            char c = reply.charAt(i);
            if (c == '{' || c == '[') {
                depth++;
            } else if (depth > 0 && (c == '}' || c == ']')) {
                depth--;
            }
            if (depth > MAX_REPLY_DEPTH) {
                throw new ChatParseException(
                        "The reply opens more than %d brackets, at index %d".formatted(MAX_REPLY_DEPTH, i), reply);
            }
        }
    }

    /** How deep brackets nest, outside of strings; stops counting above the limit. */
    private static int jsonDepth(String json) {
        int depth = 0;
        int deepest = 0;
        boolean string = false;
        for (int i = 0; i < json.length() && deepest <= MAX_JSON_DEPTH; i++) {
            char c = json.charAt(i);
            if (string) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    string = false;
                }
                continue;
            }
            switch (c) {
                case '"' -> string = true;
                case '{', '[' -> deepest = Math.max(deepest, ++depth);
                case '}', ']' -> depth--;
                default -> {}
            }
        }
        return deepest;
    }
}
