package io.github.panllama;

/**
 * What is checked of the regular expressions that wake a lazy grammar. The native matcher recurses for each character
 * that a repetition takes, so that one without an end would end the process on a long output.
 */
final class TriggerPattern {
    static final int MAX_LENGTH = 1000;
    private static final int MAX_REPETITIONS = 64;

    private TriggerPattern() {}

    static void check(String pattern) {
        Check.text("triggerPattern", pattern);
        checkLength("triggerPattern", pattern);
        long product = 1;
        boolean inClass = false;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\\') {
                i++;
            } else if (inClass) {
                inClass = c != ']';
            } else if (c == '[') {
                inClass = true;
            } else if (c == '*' || c == '+') {
                throw unbounded(pattern, i);
            } else if (c == '{') {
                product *= Math.max(1, most(pattern, i));
                if (product > MAX_REPETITIONS) {
                    throw new IllegalArgumentException(
                            "triggerPattern repeats up to %d times, at most %d is allowed: %s"
                                    .formatted(product, MAX_REPETITIONS, pattern));
                }
            }
        }
    }

    /** The native compiler of regular expressions recurses too. */
    static void checkLength(String what, String pattern) {
        if (pattern.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "%s has %d characters, at most %d are allowed".formatted(what, pattern.length(), MAX_LENGTH));
        }
    }

    private static long most(String pattern, int at) {
        int end = pattern.indexOf('}', at);
        String bounds = pattern.substring(at + 1, end < 0 ? pattern.length() : end);
        if (bounds.endsWith(",")) {
            throw unbounded(pattern, at);
        }
        String last = bounds.substring(bounds.indexOf(',') + 1);
        // What is no number is a syntax error, which native code reports.
        return last.matches("[0-9]{1,9}") ? Long.parseLong(last) : 1;
    }

    private static IllegalArgumentException unbounded(String pattern, int at) {
        return new IllegalArgumentException(
                "triggerPattern has a repetition without an end, at index %d: %s".formatted(at, pattern));
    }
}
