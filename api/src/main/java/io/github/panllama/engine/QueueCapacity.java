package io.github.panllama.engine;

import java.time.Duration;

/**
 * How many jobs may wait in all queues of an engine together, and how long it takes until a place is free.
 *
 * <p><b>Threads.</b> Any. Its lock may be held while a queue's is taken, never the other way round.
 */
final class QueueCapacity {
    private static final double SMOOTHING = 0.1;
    private static final Duration FIRST_GUESS = Duration.ofMillis(100);

    private final int most;
    private int waiting;
    private double nanosPerEnd = FIRST_GUESS.toNanos();
    private long lastEnd;
    private boolean closed;

    QueueCapacity(int most) {
        this.most = most;
    }

    /** Refuses more than there is room for, before they are made. */
    synchronized void check(int count) {
        if (closed) {
            throw new EngineClosedException(null);
        }
        if (count > most - waiting) {
            throw new EngineBusyException(waiting, Duration.ofNanos((long) nanosPerEnd));
        }
    }

    /**
     * Takes places for all, or for none.
     *
     * @param add puts them into their queues, none of which is closed meanwhile
     */
    synchronized void take(int count, Runnable add) {
        check(count);
        waiting += count;
        add.run();
    }

    /** One that had begun waits again, whether there is a place or not. */
    synchronized void putBack() {
        waiting++;
    }

    synchronized void free(int count) {
        waiting -= count;
    }

    synchronized int waiting() {
        return waiting;
    }

    /** Nothing can be added any more. */
    synchronized void close() {
        closed = true;
    }

    /** A job has ended, and its place is free. */
    synchronized void ended(long now) {
        if (lastEnd != 0) {
            nanosPerEnd += SMOOTHING * (now - lastEnd - nanosPerEnd);
        }
        lastEnd = now;
    }
}
