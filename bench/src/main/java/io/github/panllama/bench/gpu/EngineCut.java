package io.github.panllama.bench.gpu;

import io.github.panllama.engine.LlamaEngine;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Closes an engine when the time is over, so that what it computes is broken off; unless this is closed before. */
final class EngineCut implements AutoCloseable {
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread waiting;
    private volatile boolean over;

    EngineCut(LlamaEngine engine, Deadline end) {
        waiting = Thread.ofVirtual().start(() -> {
            if (!isClosedWithin(end.left().toNanos())) {
                over = true;
                engine.close();
            }
        });
    }

    private boolean isClosedWithin(long nanos) {
        try {
            return closed.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            return true;
        }
    }

    /** Whether the time was over. */
    boolean isOver() {
        return over;
    }

    /** Lets the engine be, or waits until it is closed. */
    @Override
    public void close() {
        closed.countDown();
        try {
            waiting.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
