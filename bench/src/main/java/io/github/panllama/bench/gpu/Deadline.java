package io.github.panllama.bench.gpu;

import java.time.Duration;

/** When all has to be over. */
final class Deadline {
    /** Longer than any run, and short enough to be added to. */
    private static final Duration NEVER = Duration.ofDays(10_000);

    private final long begin = System.nanoTime();
    private final Duration length;

    private Deadline(Duration length) {
        this.length = length;
    }

    static Deadline never() {
        return new Deadline(NEVER);
    }

    /** So long from now on. */
    static Deadline in(Duration length) {
        return new Deadline(length);
    }

    boolean isOver() {
        return left().isZero();
    }

    /** The time since it was set. */
    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /** The time until then; zero afterwards. */
    Duration left() {
        Duration left = length.minus(elapsed());
        return left.isNegative() ? Duration.ZERO : left;
    }
}
