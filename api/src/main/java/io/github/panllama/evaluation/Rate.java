package io.github.panllama.evaluation;

import io.github.panllama.internal.Seconds;
import java.time.Duration;

/** Speed as results tell it. */
final class Rate {
    private Rate() {}

    static double perSecond(long count, Duration duration) {
        return duration.isZero() ? 0 : count / Seconds.of(duration);
    }
}
