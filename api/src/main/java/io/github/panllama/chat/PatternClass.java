package io.github.panllama.chat;

import org.jspecify.annotations.Nullable;

/** A class of characters in a regular expression, such as {@code [a-z]} or an escape, read from where it stands. */
final class PatternClass {
    private static final CodePoints DIGITS = new CodePoints().range('0', '9');
    private static final CodePoints WORDS =
            CodePoints.of('_').range('0', '9').range('a', 'z').range('A', 'Z');
    private static final CodePoints SPACES = CodePoints.of(
                    ' ', 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff)
            .range('\t', '\r')
            .range(0x2000, 0x200a);

    private final String pattern;
    private int at;
    private CodePoints characters = new CodePoints();
    private @Nullable String fault;

    private PatternClass(String pattern, int begin) {
        this.pattern = pattern;
        this.at = begin;
    }

    /** What an escape stands for, from the backslash on. */
    static PatternClass escape(String pattern, int begin) {
        PatternClass escape = new PatternClass(pattern, begin);
        CodePoints found = escape.element();
        escape.characters = found == null ? escape.characters : found;
        return escape;
    }

    /** What stands between brackets, from the first one on. */
    static PatternClass brackets(String pattern, int begin) {
        PatternClass brackets = new PatternClass(pattern, begin + 1);
        brackets.brackets();
        return brackets;
    }

    CodePoints characters() {
        return characters;
    }

    /** The index behind it. */
    int end() {
        return at;
    }

    /** What is wrong with it, or {@code null}. */
    @Nullable
    String fault() {
        return fault;
    }

    private void brackets() {
        boolean inverse = at < pattern.length() && pattern.charAt(at) == '^';
        at += inverse ? 1 : 0;
        while (at < pattern.length() && pattern.charAt(at) != ']') {
            CodePoints from = element();
            if (from == null) {
                return;
            }
            boolean range = at + 1 < pattern.length() && pattern.charAt(at) == '-' && pattern.charAt(at + 1) != ']';
            if (range) {
                at++;
                CodePoints to = element();
                if (to == null) {
                    return;
                }
                if (from.single() < 0 || to.single() < from.single()) {
                    fault = "a range ends before it begins";
                    return;
                }
                characters.range(from.single(), to.single());
            } else {
                characters.add(from);
            }
        }
        if (at >= pattern.length()) {
            fault = "a class is not closed";
            return;
        }
        at++;
        if (inverse) {
            characters = characters.inverse();
        }
    }

    /** A character or an escape; {@code null} for a fault. */
    private @Nullable CodePoints element() {
        int c = pattern.codePointAt(at);
        at += Character.charCount(c);
        if (c != '\\') {
            return CodePoints.of(c);
        }
        if (at >= pattern.length()) {
            fault = "it ends with a backslash";
            return null;
        }
        int escaped = pattern.codePointAt(at);
        at += Character.charCount(escaped);
        return switch (escaped) {
            case 'd' -> DIGITS;
            case 'D' -> DIGITS.inverse();
            case 'w' -> WORDS;
            case 'W' -> WORDS.inverse();
            case 's' -> SPACES;
            case 'S' -> SPACES.inverse();
            case 't' -> CodePoints.of('\t');
            case 'n' -> CodePoints.of('\n');
            case 'r' -> CodePoints.of('\r');
            case 'f' -> CodePoints.of('\f');
            case 'v' -> CodePoints.of(0x0b);
            case 'x' -> hex(2);
            case 'u' -> hex(4);
            default -> {
                if (Character.isLetterOrDigit(escaped)) {
                    fault = "the escape \\%s cannot be held to".formatted(Character.toString(escaped));
                    yield null;
                }
                yield CodePoints.of(escaped);
            }
        };
    }

    private @Nullable CodePoints hex(int digits) {
        String text = pattern.substring(at, Math.min(at + digits, pattern.length()));
        if (!text.matches("[0-9a-fA-F]{" + digits + "}")) {
            fault = "an escape must have %d hexadecimal digits".formatted(digits);
            return null;
        }
        at += digits;
        return CodePoints.of(Integer.parseInt(text, 16));
    }
}
