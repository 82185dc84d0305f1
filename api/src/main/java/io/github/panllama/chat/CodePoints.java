package io.github.panllama.chat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** A set of characters, and how a grammar writes one of them in a JSON string. */
final class CodePoints {
    private final BitSet set = new BitSet();

    static CodePoints of(int... characters) {
        CodePoints points = new CodePoints();
        for (int c : characters) {
            points.set.set(c);
        }
        return points;
    }

    CodePoints range(int from, int to) {
        set.set(from, to + 1);
        return this;
    }

    CodePoints add(CodePoints other) {
        set.or(other.set);
        return this;
    }

    CodePoints inverse() {
        CodePoints points = new CodePoints();
        points.set.or(set);
        points.set.flip(0, Character.MAX_CODE_POINT + 1);
        return points;
    }

    boolean isEmpty() {
        return set.isEmpty();
    }

    /** The character, if it is one alone. */
    int single() {
        return set.cardinality() == 1 ? set.nextSetBit(0) : -1;
    }

    /** One thing of a grammar, such as {@code [a-z]}, or a group. */
    String grammar() {
        BitSet plain = new BitSet();
        plain.or(set);
        plain.clear(0, ' ');
        plain.clear('"');
        plain.clear('\\');
        plain.clear(Character.MIN_SURROGATE, Character.MAX_SURROGATE + 1);
        List<String> ways = new ArrayList<>();
        if (!plain.isEmpty()) {
            ways.add(ranges(plain));
        }
        for (int c = set.nextSetBit(0); c >= 0 && c <= '\\'; c = set.nextSetBit(c + 1)) {
            if (c < ' ' || c == '"' || c == '\\') {
                ways.add(GrammarRules.literal(escape(c)));
            }
        }
        return ways.size() == 1 ? ways.getFirst() : "( " + String.join(" | ", ways) + " )";
    }

    private static String escape(int c) {
        return switch (c) {
            case '"', '\\' -> "\\" + (char) c;
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\f' -> "\\f";
            case '\b' -> "\\b";
            default -> "\\u%04x".formatted(c);
        };
    }

    private static String ranges(BitSet points) {
        StringBuilder ranges = new StringBuilder("[");
        for (int from = points.nextSetBit(0); from >= 0; from = points.nextSetBit(from)) {
            int end = points.nextClearBit(from);
            ranges.append(character(from));
            if (end - 1 > from) {
                ranges.append('-').append(character(end - 1));
            }
            from = end;
        }
        return ranges.append(']').toString();
    }

    private static String character(int c) {
        return c < 128 && Character.isLetterOrDigit(c) ? Character.toString(c) : "\\U%08X".formatted(c);
    }
}
