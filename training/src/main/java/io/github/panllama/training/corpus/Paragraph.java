package io.github.panllama.training.corpus;

import java.util.List;
import java.util.SplittableRandom;

/** What people tell that nobody needs to remember. */
final class Paragraph {
    private static final List<String> PATTERNS = List.of(
            "{People} {verbs} {objects} {places}.",
            "{People} {verbs} {objects} {times}.",
            "{Times}, {people} {verbs} {objects}.",
            "{Places} {people} {verbs} {objects}.",
            "{Subjects} was {states} {times}.",
            "{Subjects} was {states}, and {subjects} was {states}.",
            "{People} said that {subjects} was {states}.",
            "We saw {objects} {places}.",
            "We lost {objects} {places}.",
            "Nobody {verbs} {objects} {times}.",
            "{People} and {people} met {places}.",
            "Then {people} went home {times}.",
            "It was {states} {places}.",
            "They spoke about {topics} for a while.",
            "A train to {cities} left {times}.",
            "{People} came from {cities} {times}.");

    private Paragraph() {}

    /** A text of about that many characters, at least one sentence, which the model takes note of. */
    static Exchange draw(SplittableRandom random, int length) {
        return Split.TRAINING.draw(() -> Exchange.said(text(random, length), "Understood."), Exchange::key);
    }

    private static String text(SplittableRandom random, int length) {
        var text = new StringBuilder();
        while (text.isEmpty() || text.length() + 30 < length) {
            text.append(text.isEmpty() ? "" : " ").append(sentence(random));
        }
        return text.toString();
    }

    private static String sentence(SplittableRandom random) {
        String pattern = Words.pick(random, PATTERNS);
        var text = new StringBuilder();
        int from = 0;
        for (int open = pattern.indexOf('{'); open >= 0; open = pattern.indexOf('{', from)) {
            int close = pattern.indexOf('}', open);
            char first = pattern.charAt(open + 1);
            String list = Character.toLowerCase(first) + pattern.substring(open + 2, close);
            String word = Words.pick(random, Words.list(list));
            text.append(pattern, from, open).append(Character.isUpperCase(first) ? Words.capital(word) : word);
            from = close + 1;
        }
        return text.append(pattern, from, pattern.length()).toString();
    }
}
