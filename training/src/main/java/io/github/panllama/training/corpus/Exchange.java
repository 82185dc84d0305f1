package io.github.panllama.training.corpus;

import java.util.Locale;

/**
 * A question and its answer.
 *
 * @param question what the user says
 * @param answer what the model says
 * @param json the answer as a JSON value
 * @param reasoning how the answer is found, or empty
 * @param key the instance
 */
record Exchange(String question, String answer, String json, String reasoning, String key) {
    /** The key of what is no instance by itself, such as a value that is asked for later. */
    static final String NO_INSTANCE = "";

    /** An exchange that needs no reasoning, and whose instance is the question's letters and digits, whatever their case. */
    static Exchange said(String question, String answer) {
        return said(question, answer, quoted(answer));
    }

    static Exchange said(String question, String answer, String json) {
        return new Exchange(question, answer, json, "", "said " + letters(question));
    }

    private static String letters(String question) {
        return question.replaceAll("[^\\p{L}\\p{Nd}]", "").toLowerCase(Locale.ROOT);
    }

    /** The answer, as the system prompt wants it. */
    Reply reply(boolean asJson) {
        return Reply.text(asJson ? "{\"answer\": " + json + "}" : answer);
    }

    /** A text as a JSON value: a number stays one. The corpus has neither quotes nor backslashes in its answers. */
    static String quoted(String text) {
        return text.matches("-?\\d+") ? text : '"' + text + '"';
    }
}
