package io.github.panllama;

/** What is checked of a grammar before the native parser, which recurses, sees it. */
final class GrammarText {
    private static final int MAX_LENGTH = 1 << 20;
    private static final int MAX_DEPTH = 128;
    private static final int MAX_TRIGGER_LENGTH = 1000;

    private GrammarText() {}

    static void check(String text, String root) {
        Check.text("grammar", text);
        Check.text("root", root);
        if (text.isBlank()) {
            throw new IllegalArgumentException("The grammar is empty");
        }
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "The grammar has %d characters, at most %d are allowed".formatted(text.length(), MAX_LENGTH));
        }
        checkDepth(text);
    }

    /** The native regular expressions recurse with the length of the pattern. */
    static void checkTrigger(String pattern) {
        Check.text("triggerPattern", pattern);
        if (pattern.length() > MAX_TRIGGER_LENGTH) {
            throw new IllegalArgumentException("A triggerPattern has %d characters, at most %d are allowed"
                    .formatted(pattern.length(), MAX_TRIGGER_LENGTH));
        }
    }

    /** Groups may be nested this deep at most; parentheses inside literals and classes do not count. */
    private static void checkDepth(String text) {
        int depth = 0;
        char literal = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (literal != 0) {
                if (c == '\\') {
                    i++;
                } else if (c == literal) {
                    literal = 0;
                }
                continue;
            }
            switch (c) {
                case '"' -> literal = '"';
                case '[' -> literal = ']';
                case '#' -> literal = '\n';
                case '(' -> depth++;
                case ')' -> depth--;
                default -> {}
            }
            if (depth > MAX_DEPTH) {
                throw new IllegalArgumentException(
                        "The grammar nests more than %d groups, at index %d".formatted(MAX_DEPTH, i));
            }
        }
    }
}
