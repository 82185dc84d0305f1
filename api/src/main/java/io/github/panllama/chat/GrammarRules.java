package io.github.panllama.chat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Rules of a grammar, in GBNF, that is being made. Two with the same right side are one. */
final class GrammarRules {
    private final Map<String, String> bodies = new LinkedHashMap<>();
    private final Map<String, String> names = new HashMap<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Set<String> taken = new HashSet<>(Set.of("root", BasicRules.VALUE));

    /** The name of a rule with this right side. */
    String add(String hint, String body) {
        String known = names.get(body);
        if (known != null) {
            return known;
        }
        String name = reserve(hint);
        names.put(body, name);
        bodies.put(name, body);
        return name;
    }

    /** A name for a rule whose right side is not known yet. */
    String reserve(String hint) {
        String word = hint.replaceAll("[^a-zA-Z0-9]+", "-");
        String base = word.substring(0, Math.min(40, word.length()));
        String name = base;
        while (name.isEmpty() || name.equals("-") || !taken.add(name)) {
            name = base + "-" + numbers.merge(base, 1, Integer::sum);
        }
        return name;
    }

    void define(String name, String body) {
        bodies.put(name, body);
    }

    /** The grammar that starts with a rule. */
    String text(String start) {
        StringBuilder text = new StringBuilder("root ::= ").append(start).append('\n');
        bodies.forEach(
                (name, body) -> text.append(name).append(" ::= ").append(body).append('\n'));
        return text.toString();
    }

    /** A text as the grammar has it. */
    static String literal(String text) {
        StringBuilder literal = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                literal.append('\\').appendCodePoint(c);
            } else if (c < ' ' || c == 0x7f) {
                literal.append("\\x%02X".formatted(c));
            } else {
                literal.appendCodePoint(c);
            }
        });
        return literal.append('"').toString();
    }
}
