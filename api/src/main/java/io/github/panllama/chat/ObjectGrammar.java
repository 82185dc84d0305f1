package io.github.panllama.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes the rule of an object: the properties that it requires, then those that it may have, then others. */
final class ObjectGrammar {
    private final GrammarRules rules;
    private final BasicRules basic;
    private final String hint;
    private final List<String> names = new ArrayList<>();
    private final List<String> required = new ArrayList<>();
    private final List<String> optional = new ArrayList<>();

    ObjectGrammar(GrammarRules rules, BasicRules basic, String hint) {
        this.rules = rules;
        this.basic = basic;
        this.hint = hint;
    }

    void property(String name, String value, boolean needed) {
        names.add(name);
        String field = rules.add(name, basic.field(GrammarRules.literal(JsonLiteral.string(name)), value));
        (needed ? required : optional).add(field);
    }

    /** The rule's name. {@code additional} is the rule of what properties without a name here have. */
    String rule(@Nullable String additional) {
        String comma = "\",\" " + basic.space() + " ";
        String rest = rest(additional, comma);
        String first = String.join(" " + comma, required);
        String fields = required.isEmpty() ? rest : rest.isEmpty() ? first : first + " ( " + comma + rest + " )?";
        if (required.isEmpty() && !rest.isEmpty()) {
            fields = "( " + rest + " )?";
        }
        String space = basic.space();
        return rules.add(hint, "\"{\" " + space + " " + (fields.isEmpty() ? "" : fields + " " + space + " ") + "\"}\"");
    }

    /** What may follow the required ones: one begins, and those behind it may follow. */
    private String rest(@Nullable String additional, String comma) {
        List<String> beginnings = new ArrayList<>();
        String tail = "";
        if (additional != null) {
            String other = rules.add(hint + "-other", basic.field(name(), additional));
            tail = rules.add(hint + "-others", "( " + comma + other + " )*");
            beginnings.add(other + " " + tail);
        }
        for (String field : optional.reversed()) {
            beginnings.addFirst((field + " " + tail).strip());
            tail = rules.add(hint + "-rest", ("( " + comma + field + " )? " + tail).strip());
        }
        return beginnings.size() > 1 ? "( " + String.join(" | ", beginnings) + " )" : String.join("", beginnings);
    }

    /** A name that no property here has. It has no escapes beside such: they could write one of those another way. */
    private String name() {
        if (names.isEmpty()) {
            return basic.string();
        }
        NameNode all = new NameNode();
        for (String name : names) {
            NameNode node = all;
            for (int c : name.codePoints().toArray()) {
                node = node.next.computeIfAbsent(c, _ -> new NameNode());
            }
            node.taken = true;
        }
        return rules.add(hint + "-name", "\"\\\"\" " + rest(all) + " \"\\\"\"");
    }

    /** What may follow the beginning of a name. */
    private String rest(NameNode node) {
        List<String> ways = new ArrayList<>();
        StringBuilder others = new StringBuilder("[^\"\\\\\\x7F\\x00-\\x1F");
        node.next.forEach((c, next) -> {
            String character = "\\U%08X".formatted(c);
            others.append(character);
            if (c >= ' ' && c != '"' && c != '\\') {
                ways.add("[" + character + "] " + rest(next));
            }
        });
        ways.add(others + "] " + basic.plain() + "*");
        String either = "( " + String.join(" | ", ways) + " )" + (node.taken ? "" : "?");
        return rules.add(hint + "-name", either);
    }

    /** A place in the names: which characters come next. */
    private static final class NameNode {
        final TreeMap<Integer, NameNode> next = new TreeMap<>();
        boolean taken;
    }
}
