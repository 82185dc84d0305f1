package io.github.panllama.engine;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/**
 * Tells whether the engine's thread gets on: whether a step has ended, or the CPU has begun an operation of the one that
 * runs, since somebody last looked.
 *
 * <p><b>Threads.</b> The engine's thread tells of its steps; one other looks.
 */
final class Pulse {
    private final IntSupplier operations;
    private final AtomicInteger turns = new AtomicInteger();
    private volatile boolean works;

    private int seenTurns;
    private int seenOperations;
    private int looks;

    /**
     * Of a thread that rests.
     *
     * @param operations a number that changes while the CPU computes; may throw {@code IllegalStateException} when what
     *     computes is closed
     */
    Pulse(IntSupplier operations) {
        this.operations = operations;
    }

    /** It begins to compute. */
    void begins() {
        turns.incrementAndGet();
        works = true;
    }

    /** Its turn is over; it waits, or begins the next one. */
    void rests() {
        works = false;
    }

    /**
     * How many looks, this one among them, have found the thread at work where the one before had seen it.
     *
     * @param excused whether it waits for others, so that this look counts for nothing
     */
    int look(boolean excused) {
        int nowTurns = turns.get();
        int nowOperations = operationsNow();
        boolean moves = excused || !works || nowTurns != seenTurns || nowOperations != seenOperations;
        seenTurns = nowTurns;
        seenOperations = nowOperations;
        looks = moves ? 0 : looks + 1;
        return looks;
    }

    private int operationsNow() {
        try {
            return operations.getAsInt();
        } catch (IllegalStateException e) {
            return seenOperations; // closed this very moment
        }
    }
}
