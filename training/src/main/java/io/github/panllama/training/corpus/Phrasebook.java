package io.github.panllama.training.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Answers, each with the many ways to ask for it, read from a text file. */
final class Phrasebook {
    /**
     * An answer.
     *
     * @param answer the sentence
     * @param json its short form as a JSON value
     * @param questions every way to ask, spelt in full
     */
    record Entry(String answer, String json, List<String> questions) {}

    private final List<Entry> entries;

    private Phrasebook(List<Entry> entries) {
        this.entries = entries;
    }

    static Phrasebook read(String resource) {
        List<Entry> entries = new ArrayList<>();
        List<String> questions = new ArrayList<>();
        for (String line : Resources.lines(resource)) {
            if (!line.startsWith("= ")) {
                expand(line, questions);
                continue;
            }
            questions = new ArrayList<>();
            int bar = line.indexOf(" | ");
            String answer = line.substring(2, bar < 0 ? line.length() : bar);
            String value = bar < 0 ? answer : line.substring(bar + 3);
            entries.add(new Entry(answer, Exchange.quoted(value), questions));
        }
        return new Phrasebook(List.copyOf(entries));
    }

    List<Entry> entries() {
        return entries;
    }

    Entry pick(SplittableRandom random) {
        return entries.get(random.nextInt(entries.size()));
    }

    /** Replaces the first {@code [a|b]} by each of its choices, and goes on with what comes of it. */
    private static void expand(String line, List<String> into) {
        int open = line.indexOf('[');
        if (open < 0) {
            into.add(line.replaceAll(" +(?=[ ,?!.])", ""));
            return;
        }
        int close = line.indexOf(']', open);
        int from = open + 1;
        for (int i = from; i <= close; i++) {
            if (line.charAt(i) == '|' || i == close) {
                expand(line.substring(0, open) + line.substring(from, i) + line.substring(close + 1), into);
                from = i + 1;
            }
        }
    }
}
