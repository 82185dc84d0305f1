package io.github.panllama.training.corpus;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Words to say again: what teaches a model to look up what stands in its context, and shows at once when it cannot. */
final class Repeating {
    private static final List<String> QUESTIONS = List.of(
            "Repeat: {}",
            "Repeat after me: {}",
            "Please repeat this: {}",
            "Say: {}",
            "Say this again: {}",
            "Write: {}",
            "Copy this: {}");
    private static final int MOST_WORDS = 8;

    private Repeating() {}

    static Exchange draw(SplittableRandom random, Split split) {
        return split.draw(() -> any(random), Exchange::key);
    }

    private static Exchange any(SplittableRandom random) {
        String words = Stream.generate(() -> word(random))
                .limit(random.nextInt(1, MOST_WORDS + 1))
                .collect(Collectors.joining(" "));
        return Exchange.said(Words.pick(random, QUESTIONS).replace("{}", words), words);
    }

    private static String word(SplittableRandom random) {
        int choice = random.nextInt(100);
        if (choice < 35) {
            return Words.name(random);
        }
        if (choice < 60) {
            return Words.invented(random, 2);
        }
        if (choice < 80) {
            return String.valueOf(Numbers.upToDigits(random, 4));
        }
        return Words.pick(random, choice < 90 ? Words.CITIES : Words.TOPICS);
    }
}
