package io.github.panllama.chat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * An expression of a template, to the end of its tag.
 *
 * @param stack the bytes of stack that compiling or evaluating it takes at most
 * @param end the index after its tag
 */
record TemplateExpression(int stack, int end) {
    /** Bytes of stack for a bracket in a bracket. */
    private static final int BRACKET = 2400;

    /** For an operator after an operator, as in {@code a + b + c}, whose tree is as deep as it is long. */
    private static final int OPERATOR = 1500;

    private static final Set<String> WORDS = Set.of("and", "or", "not", "is", "in", "if", "else");

    /** Between two brackets, and between two commas in them. */
    private static final class Level {
        int operators;
        int inside;
        int deepest;

        int depth() {
            return Math.max(deepest, operators * OPERATOR + inside);
        }

        void comma() {
            deepest = depth();
            operators = 0;
            inside = 0;
        }
    }

    static TemplateExpression scan(String text, int from) {
        Deque<Level> levels = new ArrayDeque<>();
        levels.push(new Level());
        int i = from;
        while (i < text.length()) {
            char c = text.charAt(i);
            if ((c == '%' || (c == '}' && levels.size() == 1)) && i + 1 < text.length() && text.charAt(i + 1) == '}') {
                i += 2;
                break;
            }
            i = switch (c) {
                case '\'', '"' -> afterString(text, i);
                case '(', '[', '{' -> {
                    // A call or an index is an operator too.
                    levels.element().operators++;
                    levels.push(new Level());
                    yield i + 1;
                }
                case ')', ']', '}' -> close(levels, i);
                case ',' -> {
                    levels.element().comma();
                    yield i + 1;
                }
                default -> Character.isLetter(c) || c == '_' ? word(text, i, levels) : symbol(c, i, levels);
            };
        }
        while (levels.size() > 1) {
            close(levels, i);
        }
        return new TemplateExpression(levels.element().depth(), i);
    }

    private static int close(Deque<Level> levels, int at) {
        if (levels.size() > 1) {
            int inside = levels.pop().depth() + BRACKET;
            levels.element().inside = Math.max(levels.element().inside, inside);
        }
        return at + 1;
    }

    private static int symbol(char c, int at, Deque<Level> levels) {
        if ("|.+-~*/%<>=!:".indexOf(c) >= 0) {
            levels.element().operators++;
        }
        return at + 1;
    }

    private static int word(String text, int at, Deque<Level> levels) {
        int end = at;
        while (end < text.length() && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_')) {
            end++;
        }
        if (WORDS.contains(text.substring(at, end))) {
            levels.element().operators++;
        }
        return end;
    }

    private static int afterString(String text, int at) {
        for (int i = at + 1; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == text.charAt(at)) {
                return i + 1;
            }
        }
        return text.length();
    }
}
