package io.github.panllama.training.corpus;

import java.util.SplittableRandom;

/** Turns that stand before or between what is practised; never a held-out instance. */
final class Fillers {
    private Fillers() {}

    static Exchange draw(SplittableRandom random) {
        int choice = random.nextInt(100);
        if (choice < 35) {
            return Facts.draw(random, Split.TRAINING);
        }
        if (choice < 55) {
            return SmallTalk.neutral(random);
        }
        return choice < 90 ? Sums.sum(random, Split.TRAINING) : Paragraph.draw(random, random.nextInt(20, 160));
    }
}
