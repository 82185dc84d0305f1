package io.github.panllama.chat;

import io.github.panllama.internal.TemplateNesting;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Set;

/**
 * What is checked of a template before native code sees it. The native compiler, and what it makes of a template, recurse
 * with the depth of blocks and expressions; this sums up how much of the stack that takes at most. Syntax is left to it.
 */
final class TemplateText {
    private static final int MAX_LENGTH = TemplateNesting.MAX_LENGTH;

    /** Of a template in a file: more is too long in any case. */
    static final long MAX_BYTES = 3L * MAX_LENGTH;

    /** Half of a thread's usual stack. */
    private static final int MAX_STACK = 512 << 10;

    /** Bytes of stack for a block in a block: measured and rounded up, like those of {@link TemplateExpression}. */
    private static final int BLOCK = 1800;

    private static final int CALL = 3200;

    private static final Set<String> BLOCKS = Set.of("if", "for", "macro", "call", "filter", "set");

    private final String text;
    private final Deque<Block> open = new ArrayDeque<>();
    private int now;
    private int deepest;
    private int macros;

    private TemplateText(String text) {
        this.text = text;
    }

    /** A block that is open: its name, what it takes of the stack, and how deep it was before. */
    private record Block(String name, int stack, int deepestBefore) {}

    /** Answers the template, or refuses it. */
    static String check(String template) {
        Objects.requireNonNull(template, "template");
        if (template.isBlank()) {
            throw new ChatTemplateException("The chat template is empty");
        }
        if (template.length() > MAX_LENGTH) {
            throw new ChatTemplateException("The chat template has %d characters, at most %d are allowed"
                    .formatted(template.length(), MAX_LENGTH));
        }
        int nul = template.indexOf('\0');
        if (nul >= 0) {
            throw new ChatTemplateException("The chat template contains the character U+0000, at index " + nul);
        }
        int stack = stack(template);
        if (stack > MAX_STACK) {
            throw new ChatTemplateException(
                    "The chat template nests too deep: rendering it may take %d KiB of stack, at most %d are allowed"
                            .formatted(stack >> 10, MAX_STACK >> 10));
        }
        return template;
    }

    /** The bytes of stack that compiling or rendering takes at most, where no macro calls itself. */
    static int stack(String template) {
        TemplateText scanned = new TemplateText(template);
        scanned.scan();
        // Each macro may run on top of another.
        return scanned.deepest + scanned.macros;
    }

    private void scan() {
        int at = text.indexOf('{');
        while (at >= 0 && at + 1 < text.length()) {
            at = switch (text.charAt(at + 1)) {
                case '#' -> after("#}", at + 2);
                case '{' -> expression(at + 2);
                case '%' -> statement(at + 2);
                default -> at + 1;
            };
            at = text.indexOf('{', at);
        }
    }

    private int after(String end, int from) {
        int found = text.indexOf(end, from);
        return found < 0 ? text.length() : found + end.length();
    }

    private int expression(int from) {
        TemplateExpression expression = TemplateExpression.scan(text, from);
        reach(now + expression.stack());
        return expression.end();
    }

    private int statement(int from) {
        int start = from;
        while (start < text.length() && !Character.isLetter(text.charAt(start)) && text.charAt(start) != '%') {
            start++;
        }
        int end = start;
        while (end < text.length() && Character.isLetter(text.charAt(end))) {
            end++;
        }
        String word = text.substring(start, end);
        int after = expression(end);
        if (word.equals("elif")) {
            // Each is an if in the else of the one before, and all end together.
            enter("elif", BLOCK);
        } else if (BLOCKS.contains(word)
                && !(word.equals("set") && text.substring(end, after).indexOf('=') >= 0)) {
            enter(word, word.equals("if") || word.equals("for") ? BLOCK : CALL);
        } else if (word.startsWith("end")) {
            leave();
        }
        return after;
    }

    private void enter(String name, int stack) {
        boolean macro = name.equals("macro");
        open.push(new Block(name, stack, macro ? deepest - now : 0));
        if (macro) {
            deepest = now;
        }
        now += stack;
        reach(now);
    }

    private void leave() {
        while (!open.isEmpty()) {
            Block block = open.pop();
            now -= block.stack();
            if (block.name().equals("macro")) {
                macros += deepest - now;
                reach(now + block.deepestBefore());
            }
            if (!block.name().equals("elif")) {
                return;
            }
        }
    }

    private void reach(int stack) {
        deepest = Math.max(deepest, stack);
    }
}
