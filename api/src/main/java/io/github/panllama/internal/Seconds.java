package io.github.panllama.internal;

import java.time.Duration;

/** Durations as numbers. */
public final class Seconds {
    private Seconds() {}

    /** Of any duration, also one that is too long for nanoseconds in a {@code long}. */
    public static double of(Duration duration) {
        return duration.getSeconds() + duration.getNano() / 1e9;
    }
}
