package io.github.panllama;

import java.math.BigInteger;

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
        checkGroups(text);
    }

    /** The native regular expressions recurse with the length of the pattern. */
    static void checkTrigger(String pattern) {
        Check.text("triggerPattern", pattern);
        if (pattern.length() > MAX_TRIGGER_LENGTH) {
            throw new IllegalArgumentException("A triggerPattern has %d characters, at most %d are allowed"
                    .formatted(pattern.length(), MAX_TRIGGER_LENGTH));
        }
    }

    /**
     * Groups may be nested this deep at most, and repetitions must not end before they begin, which the native parser
     * would expand until memory ends. Neither counts inside literals, classes and comments.
     */
    private static void checkGroups(String text) {
        int depth = 0;
        char inside = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (inside != 0) {
                if (c == '\\' && inside != '\n') {
                    i++;
                } else if (c == inside || (c == '\r' && inside == '\n')) {
                    inside = 0;
                }
                continue;
            }
            switch (c) {
                case '"' -> inside = '"';
                case '[' -> inside = ']';
                case '#' -> inside = '\n';
                case '(' -> depth++;
                case ')' -> depth--;
                case '{' -> checkRepetition(text, i);
                default -> {}
            }
            if (depth > MAX_DEPTH) {
                throw new IllegalArgumentException(
                        "The grammar nests more than %d groups, at index %d".formatted(MAX_DEPTH, i));
            }
        }
    }

    /** Of {@code {m,n}} at an index. What is not of that form is left to the native parser. */
    private static void checkRepetition(String text, int at) {
        int first = skipSpace(text, at + 1);
        int firstEnd = skipDigits(text, first);
        int comma = skipSpace(text, firstEnd);
        if (comma == text.length() || text.charAt(comma) != ',') {
            return;
        }
        int second = skipSpace(text, comma + 1);
        int secondEnd = skipDigits(text, second);
        if (first < firstEnd
                && second < secondEnd
                && number(text, second, secondEnd).compareTo(number(text, first, firstEnd)) < 0) {
            throw new IllegalArgumentException(
                    "The grammar has a repetition that ends before it begins, at index " + at);
        }
    }

    private static BigInteger number(String text, int from, int to) {
        return new BigInteger(text.substring(from, to));
    }

    private static int skipDigits(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at;
    }

    /** As the native parser does, comments too. */
    private static int skipSpace(String text, int from) {
        boolean comment = false;
        for (int at = from; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '\r' || c == '\n') {
                comment = false;
            } else if (c == '#') {
                comment = true;
            } else if (!comment && c != ' ' && c != '\t') {
                return at;
            }
        }
        return text.length();
    }
}
