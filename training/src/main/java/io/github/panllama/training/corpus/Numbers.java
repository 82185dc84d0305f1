package io.github.panllama.training.corpus;

import java.util.SplittableRandom;

/** Random numbers by their count of digits. */
final class Numbers {
    private Numbers() {}

    /** A number of one to {@code most} digits, each count as likely as the others. */
    static int upToDigits(SplittableRandom random, int most) {
        return withDigits(random, random.nextInt(1, most + 1));
    }

    /** A number of exactly that many digits; 0 has one. */
    static int withDigits(SplittableRandom random, int digits) {
        int bound = 1;
        for (int i = 0; i < digits; i++) {
            bound *= 10;
        }
        return random.nextInt(digits == 1 ? 0 : bound / 10, bound);
    }
}
