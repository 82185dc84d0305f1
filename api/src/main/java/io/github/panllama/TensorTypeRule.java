package io.github.panllama;

import io.github.panllama.gguf.GgmlType;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A type for the tensors whose names a pattern finds. Names are matched here, and C gets each name that was found by
 * itself: its own regular expressions read some patterns otherwise, and recurse for each character.
 */
record TensorTypeRule(Pattern pattern, GgmlType type) {
    /** Tensor names have at most 63 bytes; what takes more steps than this on one tries every way to fail. */
    private static final int MAX_STEPS = 1_000_000;

    static TensorTypeRule of(String pattern, GgmlType type) {
        Check.text("pattern", pattern);
        TriggerPattern.checkLength("pattern", pattern);
        if (pattern.isEmpty()) {
            throw new IllegalArgumentException("the pattern is empty; \".*\" finds every tensor");
        }
        try {
            return new TensorTypeRule(Pattern.compile(pattern), type);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("not a regular expression: " + pattern, e);
        }
    }

    boolean finds(String name) {
        try {
            return pattern.matcher(new Counted(name)).find();
        } catch (TooManySteps | StackOverflowError e) {
            throw new IllegalArgumentException(
                    "the pattern %s takes too long on the name %s".formatted(pattern, name), e);
        }
    }

    private static final class TooManySteps extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Counts how often the matcher looks at a character. */
    private static final class Counted implements CharSequence {
        private final String text;
        private int steps;

        Counted(String text) {
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (++steps > MAX_STEPS) {
                throw new TooManySteps();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
