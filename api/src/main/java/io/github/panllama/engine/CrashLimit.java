package io.github.panllama.engine;

import java.time.Duration;

/**
 * How soon a worker is followed by another one after a crash, and when by none.
 *
 * <p><b>Threads.</b> Any.
 */
final class CrashLimit {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final int most;
    private final Duration within;
    private int inSequence;
    private boolean serving;
    private long servesSince;

    /**
     * A limit.
     *
     * @param most crashes in a row, without a completed request between them
     * @param within a crash counts when its worker has served for no longer than this
     */
    CrashLimit(int most, Duration within) {
        this.most = most;
        this.within = within;
    }

    /** A request was completed: workers do their work. */
    synchronized void completed() {
        inSequence = 0;
    }

    /** A worker is ready. */
    synchronized void serves(long now) {
        serving = true;
        servesSince = now;
    }

    /** A worker has crashed, or has not become ready. Answers whether that is one too many. */
    synchronized boolean crashed(long now) {
        if (serving && now - servesSince > within.toNanos()) {
            inSequence = 0;
        }
        serving = false;
        inSequence++;
        return inSequence >= most;
    }

    /** How long to wait before the next start. */
    synchronized Duration pause() {
        int doublings = Math.min(inSequence - 1, 10);
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.max(0, doublings));
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }

    /** For messages. */
    String describe() {
        return "%d crashes in a row, each within %d s of a start, and no request was completed between them"
                .formatted(most, within.toSeconds());
    }
}
