package io.github.panllama.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

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
    private final Deque<Long> crashes = new ArrayDeque<>();
    private int inSequence;

    /**
     * A limit.
     *
     * @param most crashes without a completed request between them
     * @param within the time that they count for
     */
    CrashLimit(int most, Duration within) {
        this.most = most;
        this.within = within;
    }

    /** A request was completed: workers do their work. */
    synchronized void completed() {
        if (inSequence > 0) {
            inSequence = 0;
            crashes.clear();
        }
    }

    /** A worker has crashed. Answers whether that is one too many. */
    synchronized boolean crashed(long now) {
        inSequence++;
        crashes.add(now);
        while (now - crashes.getFirst() > within.toNanos()) {
            crashes.removeFirst();
        }
        return crashes.size() >= most;
    }

    /** How long to wait before the next start. */
    synchronized Duration pause() {
        int doublings = Math.min(inSequence - 1, 10);
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.max(0, doublings));
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }

    /** For messages. */
    String describe() {
        return "%d crashes within %d s, and no request was completed between them".formatted(most, within.toSeconds());
    }
}
