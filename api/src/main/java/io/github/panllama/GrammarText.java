package io.github.panllama;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is checked of a grammar before native code sees it. The native parser, and what it makes of the rules, recurse:
 * on a Java thread's stack, too deep a recursion ends the process. Syntax is left to that parser; this one only has to
 * see at least as much nesting as it does.
 */
final class GrammarText {
    private static final int MAX_LENGTH = 1 << 20;
    private static final int MAX_GROUPS = 128;

    /** Of rules within rules. A stack of 1 MiB holds some 6,000. */
    private static final int MAX_DEPTH = 2500;

    /** Characters, ranges and names, repetitions written out; of 8 bytes each. */
    private static final long MAX_ELEMENTS = 1 << 21;

    /** Above it the native parser takes a repetition for one without an end. */
    private static final long MAX_REPETITION = 2000;

    private final String text;
    private final Map<String, Integer> names = new HashMap<>();
    private final List<Integer> weights = new ArrayList<>();
    private final List<int[]> references = new ArrayList<>();
    private final RuleStarts starts = new RuleStarts();
    private final List<Integer> numbers = new ArrayList<>();
    private int rule = -1;
    private int groups;

    /** What the native parser writes out for what stands before a repetition, and has written out for all. */
    private int itemSize = 1;

    private long elements;

    private GrammarText(String text) {
        this.text = text;
    }

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
        GrammarText grammar = new GrammarText(text);
        grammar.scan();
        int depth = RuleGraph.depth(grammar.weights, grammar.references);
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException(
                    "The grammar's rules nest up to %d deep, repetitions counted; at most %d is allowed"
                            .formatted(depth, MAX_DEPTH));
        }
        grammar.starts.check();
    }

    private void scan() {
        for (int i = 0; i < text.length(); ) {
            char c = text.charAt(i);
            i = switch (c) {
                case '"' -> afterLiteral(i, '"');
                case '[' -> afterLiteral(i, ']');
                case '<' -> {
                    item(1);
                    yield after(i, '>');
                }
                case '#' -> afterLine(i);
                case '{' -> repetition(i);
                case '(' -> open(i);
                case ')' -> close(i);
                case '|' -> {
                    starts.alternative();
                    yield i + 1;
                }
                case '.' -> {
                    item(1);
                    yield i + 1;
                }
                case '*', '+', '?' -> {
                    repeat(c == '+' ? 1 : 0, 1);
                    yield i + 1;
                }
                default -> isWord(c) ? word(i) : i + 1;
            };
        }
    }

    private int open(int at) {
        if (++groups > MAX_GROUPS) {
            throw new IllegalArgumentException(
                    "The grammar nests more than %d groups, at index %d".formatted(MAX_GROUPS, at));
        }
        weigh(1);
        starts.open();
        return at + 1;
    }

    private int close(int at) {
        groups--;
        starts.close();
        itemSize = 1;
        return at + 1;
    }

    private int afterLiteral(int at, char end) {
        int next = text.length();
        for (int i = at + 1; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == end) {
                next = i + 1;
                break;
            }
        }
        item(next - at);
        if (next == at + 2) {
            starts.repeat(1, true);
        }
        return next;
    }

    /** Something that a repetition may follow, and is no rule. */
    private void item(int size) {
        starts.character();
        itemSize = size;
        elements += size;
    }

    private int after(int at, char end) {
        int found = text.indexOf(end, at + 1);
        return found < 0 ? text.length() : found + 1;
    }

    private int afterLine(int at) {
        int end = at;
        while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
            end++;
        }
        return end;
    }

    /**
     * Of {@code {m}}, {@code {m,}} or {@code {m,n}}: native code makes a rule for each time, and one that ends before it
     * begins would go on until memory ends.
     */
    private int repetition(int at) {
        int first = afterSpace(at + 1);
        int comma = afterSpace(afterDigits(first));
        int end = comma;
        long least = number(first);
        long most = least;
        if (comma < text.length() && text.charAt(comma) == ',') {
            int second = afterSpace(comma + 1);
            end = afterDigits(second);
            most = end > second ? number(second) : least;
        }
        if (most < least) {
            throw new IllegalArgumentException(
                    "The grammar has a repetition that ends before it begins, at index " + at);
        }
        repeat(least, (int) Math.min(most, MAX_REPETITION));
        return end;
    }

    private void repeat(long least, int times) {
        weigh(times);
        elements += (long) itemSize * times;
        if (elements > MAX_ELEMENTS) {
            throw new IllegalArgumentException(
                    "The grammar has more than %d characters and names, repetitions written out"
                            .formatted(MAX_ELEMENTS));
        }
        starts.repeat(times, least == 0);
    }

    /** The number whose digits begin at an index; the largest one where there are too many of them. */
    private long number(int at) {
        String digits = text.substring(at, afterDigits(at));
        return digits.isEmpty() ? 0 : digits.length() > 18 ? Long.MAX_VALUE : Long.parseLong(digits);
    }

    private int afterDigits(int at) {
        int end = at;
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
            end++;
        }
        return end;
    }

    /** As the native parser sees it: comments too. */
    private int afterSpace(int at) {
        int end = at;
        while (end < text.length()) {
            switch (text.charAt(end)) {
                case ' ', '\t', '\r', '\n' -> end++;
                case '#' -> end = afterLine(end);
                default -> {
                    return end;
                }
            }
        }
        return end;
    }

    private int word(int at) {
        int end = at;
        while (end < text.length() && isWord(text.charAt(end))) {
            end++;
        }
        int name = names.computeIfAbsent(text.substring(at, end), key -> {
            weights.add(1);
            numbers.add(starts.newRule());
            return weights.size() - 1;
        });
        int next = end;
        while (next < text.length() && Character.isWhitespace(text.charAt(next))) {
            next++;
        }
        if (text.startsWith("::=", next)) {
            rule = name;
            starts.define(numbers.get(name));
            return next + 3;
        }
        if (rule >= 0) {
            references.add(new int[] {rule, name});
            starts.reference(numbers.get(name));
            itemSize = 1;
        }
        return end;
    }

    private void weigh(int more) {
        if (rule >= 0) {
            weights.set(rule, weights.get(rule) + more);
        }
    }

    private static boolean isWord(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    }
}
