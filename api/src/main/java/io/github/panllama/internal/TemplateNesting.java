package io.github.panllama.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * How long a chat template is and how deep it nests. The native parser follows statements, brackets and chains of
 * operators on the stack, and a stack that overflows ends the process. Whether the template is right is left to the
 * parser.
 */
public final class TemplateNesting {
    /** The longest template, in characters: fifteen times the longest in use. A longer one compiles for seconds. */
    public static final int MAX_LENGTH = 1 << 18;

    /** How many statements and brackets may be open. */
    public static final int MAX_DEPTH = 64;

    /** How many operators, calls and members may follow each other in one expression, and in those around it. */
    public static final int MAX_CHAIN = 256;

    private static final Set<String> OPENING = Set.of("if", "for", "macro", "call", "filter");
    private static final Set<String> CLOSING = Set.of("endif", "endfor", "endmacro", "endcall", "endfilter", "endset");
    private static final Set<String> WORDS = Set.of("and", "or", "not", "in", "is", "if", "else");
    private static final String OPERATORS = "+-*/%~|.<>=!";

    private final String template;
    /** Branches of each open statement. */
    private final Deque<Integer> branches = new ArrayDeque<>();
    /** Links of the chain in each open bracket. */
    private final Deque<Integer> chains = new ArrayDeque<>();

    private int open;
    private int links;

    private TemplateNesting(String template) {
        this.template = template;
    }

    /** What is too long or too deep; empty where nothing is. */
    public static Optional<String> problem(String template) {
        if (template.length() > MAX_LENGTH) {
            return Optional.of("has %d characters, at most %d".formatted(template.length(), MAX_LENGTH));
        }
        return new TemplateNesting(template).scan();
    }

    private Optional<String> scan() {
        int at = 0;
        while ((at = template.indexOf('{', at)) >= 0 && at + 1 < template.length()) {
            char kind = template.charAt(at + 1);
            if (kind == '#') {
                int end = template.indexOf("#}", at + 2);
                at = end < 0 ? template.length() : end + 2;
            } else if (kind == '{' || kind == '%') {
                at = tag(at + 2, kind);
                if (open + chains.size() > MAX_DEPTH) {
                    return Optional.of("nests deeper than %d, at index %d".formatted(MAX_DEPTH, at));
                }
                if (links > MAX_CHAIN) {
                    return Optional.of(
                            "chains more than %d operators in an expression, at index %d".formatted(MAX_CHAIN, at));
                }
                chains.clear();
                links = 0;
            } else {
                at++;
            }
        }
        return Optional.empty();
    }

    /** Reads a tag to its end, or to where it goes too deep, and answers that place. */
    private int tag(int from, char kind) {
        boolean statement = kind == '%';
        boolean assigns = false;
        String name = "";
        int at = from;
        chains.push(0);
        while (at < template.length() && open + chains.size() <= MAX_DEPTH && links <= MAX_CHAIN) {
            char c = template.charAt(at);
            if (chains.size() == 1 && c == (statement ? '%' : '}') && template.startsWith("}", at + 1)) {
                chains.pop();
                if (statement) {
                    statement(name, assigns);
                }
                return at + 2;
            }
            if (c == '\'' || c == '"') {
                at = afterString(at);
            } else if (isWord(c)) {
                int end = at;
                while (end < template.length() && isWord(template.charAt(end))) {
                    end++;
                }
                String word = template.substring(at, end).toLowerCase(Locale.ROOT);
                if (name.isEmpty()) {
                    name = statement ? word : "{{";
                } else if (WORDS.contains(word)) {
                    link();
                }
                at = end;
            } else {
                assigns |= c == '=' && chains.size() == 1;
                symbol(c);
                at++;
            }
        }
        return at;
    }

    private void symbol(char c) {
        switch (c) {
            case '(', '[', '{' -> {
                link();
                chains.push(0);
            }
            case ')', ']', '}' -> {
                if (chains.size() > 1) {
                    links -= chains.pop();
                }
            }
            case ',' -> {
                links -= chains.pop();
                chains.push(0);
            }
            default -> {
                if (OPERATORS.indexOf(c) >= 0) {
                    link();
                }
            }
        }
    }

    private void link() {
        chains.push(chains.pop() + 1);
        links++;
    }

    private void statement(String name, boolean assigns) {
        if (OPENING.contains(name) || (name.equals("set") && !assigns)) {
            branches.push(1);
            open++;
        } else if (CLOSING.contains(name) && !branches.isEmpty()) {
            open -= branches.pop();
        } else if (name.equals("elif") && !branches.isEmpty()) {
            branches.push(branches.pop() + 1);
            open++;
        }
    }

    /** A string ends at its own quote, or with the template. */
    private int afterString(int at) {
        char quote = template.charAt(at);
        for (int i = at + 1; i < template.length(); i++) {
            if (template.charAt(i) == '\\') {
                i++;
            } else if (template.charAt(i) == quote) {
                return i + 1;
            }
        }
        return template.length();
    }

    private static boolean isWord(char c) {
        return c == '_' || Character.isLetterOrDigit(c);
    }
}
