package io.github.panllama.evaluation;

/** The check of the options' numbers. */
final class Bounds {
    private Bounds() {}

    static int check(String what, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("%s is %d, must be in [%d, %d]".formatted(what, value, min, max));
        }
        return value;
    }
}
