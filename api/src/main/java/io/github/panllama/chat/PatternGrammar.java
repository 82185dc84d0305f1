package io.github.panllama.chat;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes a grammar of a regular expression of ECMAScript, as JSON schemas have them: of what is one, characters, classes,
 * groups, alternatives and repetitions. What looks ahead or back, or refers to a group, is refused.
 */
final class PatternGrammar {
    private static final int MAX_LENGTH = 1000;
    private static final int MAX_DEPTH = 50;

    /** How often something may be there, all repetitions with an end around it together. */
    private static final int MAX_TIMES = 1000;

    /** A part of a pattern, as the grammar has it. */
    private record Part(String grammar, boolean empty, int times) {}

    private final SchemaFields schema;
    private final String pattern;
    private final GrammarRules rules;
    private final BasicRules basic;
    private final String hint;
    private int at;
    private int depth;

    private PatternGrammar(SchemaFields schema, GrammarRules rules, BasicRules basic, String hint) {
        this.schema = schema;
        this.pattern = schema.text("pattern");
        this.rules = rules;
        this.basic = basic;
        this.hint = hint;
    }

    /** What may stand between the quotation marks. */
    static String of(SchemaFields schema, GrammarRules rules, BasicRules basic, String hint) {
        PatternGrammar grammar = new PatternGrammar(schema, rules, basic, hint);
        if (grammar.pattern.length() > MAX_LENGTH) {
            throw schema.refusal("the pattern has %d characters, at most %d are allowed"
                    .formatted(grammar.pattern.length(), MAX_LENGTH));
        }
        return grammar.whole();
    }

    /** A pattern may be found anywhere, unless it says where. */
    private String whole() {
        List<String> ways = new ArrayList<>();
        do {
            String before = skip('^') ? "" : basic.character() + "* ";
            String found = sequence().grammar();
            ways.add(before + found + (skip('$') ? "" : " " + basic.character() + "*"));
        } while (skip('|'));
        if (at < pattern.length()) {
            throw refusal("there is a %s too many".formatted(pattern.charAt(at)));
        }
        return ways.size() == 1 ? ways.getFirst() : "( " + String.join(" | ", ways) + " )";
    }

    private Part alternatives() {
        List<String> ways = new ArrayList<>();
        boolean empty = false;
        int times = 1;
        do {
            Part way = sequence();
            ways.add(way.grammar());
            empty |= way.empty();
            times = Math.max(times, way.times());
        } while (skip('|'));
        return new Part("( " + String.join(" | ", ways) + " )", empty, times);
    }

    private Part sequence() {
        List<String> parts = new ArrayList<>();
        boolean empty = true;
        int times = 1;
        while (at < pattern.length() && "|)".indexOf(pattern.charAt(at)) < 0 && !endsHere()) {
            Part part = repeated(item());
            parts.add(part.grammar());
            empty &= part.empty();
            times = Math.max(times, part.times());
        }
        return new Part(parts.isEmpty() ? "\"\"" : String.join(" ", parts), empty, times);
    }

    private boolean endsHere() {
        return depth == 0 && pattern.charAt(at) == '$' && (at + 1 == pattern.length() || pattern.charAt(at + 1) == '|');
    }

    private Part item() {
        int c = pattern.codePointAt(at);
        return switch (c) {
            case '(' -> group();
            case '[' -> set(PatternClass.brackets(pattern, at));
            case '\\' -> set(PatternClass.escape(pattern, at));
            case '.' -> {
                at++;
                yield characters(CodePoints.of('\n', '\r', 0x2028, 0x2029).inverse());
            }
            case '*', '+', '?', '{' -> throw refusal("there is nothing to repeat");
            case '^', '$' -> throw refusal("%c can only be held to at the beginning or the end".formatted(c));
            default -> {
                at += Character.charCount(c);
                yield characters(CodePoints.of(c));
            }
        };
    }

    private Part set(PatternClass found) {
        if (found.fault() != null) {
            throw refusal(found.fault());
        }
        at = found.end();
        return characters(found.characters());
    }

    private Part characters(CodePoints characters) {
        String grammar = characters.isEmpty() ? "" : characters.grammar();
        if (grammar.isEmpty() || grammar.equals("(  )")) {
            throw refusal("a class has no character");
        }
        return new Part(grammar.length() > 20 ? rules.add(hint + "-class", grammar) : grammar, false, 1);
    }

    private Part group() {
        at++;
        if (pattern.startsWith("?:", at)) {
            at += 2;
        } else if (at < pattern.length() && pattern.charAt(at) == '?') {
            throw refusal("groups that look ahead or back, or have a name, cannot be held to");
        }
        if (++depth > MAX_DEPTH) {
            throw refusal("groups nest deeper than %d".formatted(MAX_DEPTH));
        }
        Part inside = alternatives();
        if (!skip(')')) {
            throw refusal("a group is not closed");
        }
        depth--;
        return new Part(rules.add(hint + "-group", inside.grammar()), inside.empty(), inside.times());
    }

    private Part repeated(Part part) {
        Part whole = part;
        if (at < pattern.length() && "*+?{".indexOf(pattern.charAt(at)) >= 0) {
            char sign = pattern.charAt(at);
            whole = sign == '{' ? counted(part) : endless(part, sign);
            // Whether as few or as many as can be are taken makes no difference to what there is.
            if (!skip('?') && at < pattern.length() && "*+{".indexOf(pattern.charAt(at)) >= 0) {
                throw refusal("a repetition is repeated");
            }
        }
        return whole;
    }

    private Part endless(Part part, char sign) {
        at++;
        if (part.empty() && sign != '?') {
            throw refusal("what is repeated without an end may be empty");
        }
        return new Part(part.grammar() + sign, part.empty() || sign != '+', part.times());
    }

    private Part counted(Part part) {
        int end = pattern.indexOf('}', at);
        String bounds = end < 0 ? "" : pattern.substring(at + 1, end);
        if (!bounds.matches("[0-9]{1,6}(,[0-9]{0,6})?")) {
            throw refusal("a repetition must have bounds such as {2,5}");
        }
        at = end + 1;
        String[] numbers = bounds.split(",", -1);
        int least = Integer.parseInt(numbers[0]);
        boolean open = numbers.length == 2 && numbers[1].isEmpty();
        int most = open ? least : Integer.parseInt(numbers[numbers.length - 1]);
        long times = (long) Math.max(1, most) * part.times();
        if (most < least) {
            throw refusal("a repetition ends before it begins");
        }
        if (times > MAX_TIMES) {
            throw refusal("repetitions go up to %d times, at most %d are allowed".formatted(times, MAX_TIMES));
        }
        if (open && part.empty()) {
            throw refusal("what is repeated without an end may be empty");
        }
        if (most == 0 && !open) {
            return new Part("\"\"", true, 1);
        }
        // By a rule of its own: llama.cpp counts what it writes out of a group.
        String item = rules.add(hint + "-item", part.grammar());
        return new Part(item + "{" + least + (open ? ",}" : "," + most + "}"), part.empty() || least == 0, (int) times);
    }

    private boolean skip(char c) {
        boolean there = at < pattern.length() && pattern.charAt(at) == c;
        at += there ? 1 : 0;
        return there;
    }

    private IllegalArgumentException refusal(String reason) {
        return schema.refusal("the pattern cannot be held to: %s, at index %d".formatted(reason, at));
    }
}
