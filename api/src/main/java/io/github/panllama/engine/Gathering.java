package io.github.panllama.engine;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * Lets requests that come together begin together. A step for the first of a burst alone costs nearly as much as one
 * for all of them, so where nothing is computed, the loop waits a moment for those that come close behind: never longer
 * than a small part of a step, and no longer than they keep coming. Where steps are short, it does not wait.
 */
final class Gathering {
    private static final int STEP_SHARE = 16;
    private static final long MOST_NANOS = 2_000_000;
    private static final int PAUSES = 8;
    /** Shorter ones end late. */
    private static final long LEAST_PAUSE_NANOS = 25_000;

    private final Semaphore wake;
    private final IntSupplier waiting;
    private final int enough;
    private long stepNanos;

    /**
     * For a loop.
     *
     * @param wake gives a permit when something may have come
     * @param waiting how many have come
     * @param enough so many need not wait for more
     */
    Gathering(Semaphore wake, IntSupplier waiting, int enough) {
        this.wake = wake;
        this.waiting = waiting;
        this.enough = enough;
    }

    /** What the last step took; until one is known, nobody waits. */
    void stepped(long nanos) {
        stepNanos = nanos;
    }

    /** Waits for more, if any have come. */
    void gather() throws InterruptedException {
        long most = Math.min(MOST_NANOS, stepNanos / STEP_SHARE);
        long pause = most / PAUSES;
        long start = System.nanoTime();
        while (pause >= LEAST_PAUSE_NANOS && System.nanoTime() - start < most) {
            wake.drainPermits();
            int come = waiting.getAsInt();
            if (come == 0 || come >= enough || !wake.tryAcquire(pause, TimeUnit.NANOSECONDS)) {
                return;
            }
        }
    }
}
