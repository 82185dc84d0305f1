package io.github.panllama.training.corpus;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** The lists of words, and words that are made up. */
final class Words {
    static final List<String> NAMES = list("names");
    static final List<String> CITIES = list("cities");
    static final List<String> THINGS = list("things");
    static final List<String> TOPICS = list("topics");

    private static final String CONSONANTS = "bdfgklmnprstvz";
    private static final String VOWELS = "aeiou";

    private Words() {}

    /** One of a list. */
    static String pick(SplittableRandom random, List<String> list) {
        return list.get(random.nextInt(list.size()));
    }

    /** A name that people have, or one that nobody has heard of. */
    static String name(SplittableRandom random) {
        return random.nextInt(4) > 0 ? pick(random, NAMES) : capital(invented(random, 2));
    }

    /** A word of two or more syllables that means nothing. */
    static String invented(SplittableRandom random, int fewestSyllables) {
        var word = new StringBuilder();
        for (int i = random.nextInt(fewestSyllables, fewestSyllables + 2); i > 0; i--) {
            word.append(CONSONANTS.charAt(random.nextInt(CONSONANTS.length())));
            word.append(VOWELS.charAt(random.nextInt(VOWELS.length())));
        }
        if (random.nextInt(3) == 0) {
            word.append(CONSONANTS.charAt(random.nextInt(CONSONANTS.length())));
        }
        return word.toString();
    }

    static String capital(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    /** A list by its name in the file. */
    static List<String> list(String name) {
        List<String> list = Lists.ALL.get(name);
        if (list == null) {
            throw new IllegalArgumentException("words.txt has no list " + name);
        }
        return list;
    }

    private static final class Lists {
        static final Map<String, List<String>> ALL = read();

        private static Map<String, List<String>> read() {
            Map<String, List<String>> lists = new LinkedHashMap<>();
            List<String> current = new ArrayList<>();
            for (String line : Resources.lines("words.txt")) {
                int colon = line.indexOf(": ");
                if (colon > 0) {
                    current = new ArrayList<>();
                    lists.put(line.substring(0, colon), current);
                }
                for (String word : line.substring(colon < 0 ? 0 : colon + 2).split(",", -1)) {
                    if (!word.isBlank()) {
                        current.add(word.strip());
                    }
                }
            }
            lists.replaceAll((name, words) -> List.copyOf(words));
            return lists;
        }
    }
}
