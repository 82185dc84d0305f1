package io.github.panllama;

import java.util.Objects;

/** Argument checks. Most of what llama.cpp dislikes ends the process, so it is refused here, value and bound named. */
final class Check {
    private Check() {}

    static int index(String what, int value, int bound) {
        if (value < 0 || value >= bound) {
            throw new IndexOutOfBoundsException("%s is %d, must be in [0, %d)".formatted(what, value, bound));
        }
        return value;
    }

    static int range(String what, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("%s is %d, must be in [%d, %d]".formatted(what, value, min, max));
        }
        return value;
    }

    static int positive(String what, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException("%s is %d, must be positive".formatted(what, value));
        }
        return value;
    }

    static int notNegative(String what, int value) {
        if (value < 0) {
            throw new IllegalArgumentException("%s is %d, must not be negative".formatted(what, value));
        }
        return value;
    }

    static float range(String what, float value, float min, float max) {
        // Written so that NaN fails.
        if (!(value >= min && value <= max)) {
            throw new IllegalArgumentException("%s is %s, must be in [%s, %s]".formatted(what, value, min, max));
        }
        return value;
    }

    static float finite(String what, float value) {
        if (!Float.isFinite(value)) {
            throw new IllegalArgumentException("%s is %s, must be finite".formatted(what, value));
        }
        return value;
    }

    /** A string that C will read to its first NUL, and so must not have one inside. */
    static String text(String what, String value) {
        Objects.requireNonNull(value, what);
        if (value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    what + " contains the character U+0000, at index " + value.indexOf('\0'));
        }
        return value;
    }
}
