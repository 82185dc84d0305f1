package io.github.panllama.chat;

/** Regular expressions that wake a grammar, in the form in which the native matcher bears them. */
final class TriggerPatterns {
    /** As many repetitions as stand for those without an end. Formats repeat spaces, and names of recipients. */
    private static final int MOST = 64;

    private TriggerPatterns() {}

    /** A pattern that finds a text as it is. */
    static String literally(String text) {
        StringBuilder pattern = new StringBuilder("(");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (".^$|()*+?[]{}\\".indexOf(c) >= 0) {
                pattern.append('\\');
            }
            pattern.append(c);
        }
        return pattern.append(')').toString();
    }

    /**
     * The same pattern with an end to each of its repetitions: the matcher recurses for each character that one takes.
     */
    static String bounded(String pattern) {
        StringBuilder bounded = new StringBuilder();
        boolean inClass = false;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\\') {
                bounded.append(c).append(pattern.charAt(++i));
            } else if (!inClass && (c == '*' || c == '+')) {
                bounded.append(c == '*' ? "{0," : "{1,").append(MOST).append('}');
            } else {
                inClass = c == '[' || (inClass && c != ']');
                bounded.append(c);
            }
        }
        return bounded.toString();
    }
}
