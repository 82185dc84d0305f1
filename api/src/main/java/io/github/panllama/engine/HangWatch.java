package io.github.panllama.engine;

import io.github.panllama.internal.worker.ProtocolException;
import java.time.Duration;

/**
 * Decides that a worker hangs: it has been silent for too long, or says that its engine has not got on for too long. Time
 * is counted in intervals, so that this process' own pauses count for next to nothing.
 *
 * <p><b>Threads.</b> That of the worker's channel.
 */
final class HangWatch {
    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(1);
    private static final int LEAST_INTERVALS = 4;

    private final Duration timeout;
    private final Duration interval;
    private int silent;

    /**
     * A watch that has heard of its worker just now.
     *
     * @param timeout zero for one that never decides so
     */
    HangWatch(Duration timeout) {
        this.timeout = timeout;
        Duration part = timeout.dividedBy(LEAST_INTERVALS);
        interval = part.compareTo(LONGEST_INTERVAL) < 0 ? part : LONGEST_INTERVAL;
    }

    /** Between two signs of life, and between two calls of {@link #tick}; zero for none. */
    Duration interval() {
        return interval;
    }

    /** Something has come. */
    void heard() {
        silent = 0;
    }

    /**
     * An interval is over.
     *
     * @throws ProtocolException if nothing has come for too long
     */
    void tick() throws ProtocolException {
        silent++;
        if (interval.multipliedBy(silent).compareTo(timeout) >= 0) {
            throw new ProtocolException("it did not answer for %d s".formatted(timeout.toSeconds()));
        }
    }

    /**
     * The worker says how long its engine has not got on.
     *
     * @throws ProtocolException if that is too long
     */
    void stillFor(Duration still) throws ProtocolException {
        if (!timeout.isZero() && still.compareTo(timeout) >= 0) {
            throw new ProtocolException("its engine did not answer for %d s: neither a step nor an operation has ended"
                    .formatted(timeout.toSeconds()));
        }
    }
}
