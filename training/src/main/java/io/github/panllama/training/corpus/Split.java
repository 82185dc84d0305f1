package io.github.panllama.training.corpus;

import java.util.function.Function;
import java.util.function.Supplier;

/** The two halves of all instances. */
enum Split {
    TRAINING,
    HELD_OUT;

    /** Draws until the key is of this half. */
    <T> T draw(Supplier<T> source, Function<T, String> key) {
        while (true) {
            T drawn = source.get();
            if (HeldOut.contains(key.apply(drawn)) == (this == HELD_OUT)) {
                return drawn;
            }
        }
    }
}
