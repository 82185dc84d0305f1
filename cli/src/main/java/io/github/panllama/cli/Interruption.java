package io.github.panllama.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Ends native work before the JVM does. Ctrl-C lets the JVM's shutdown run beside a computation, and a process that
 * ends under native threads can crash; so the shutdown cancels the work and waits until it is over.
 */
final class Interruption implements AutoCloseable {
    /** The work ends within one step; a step that takes longer than this is left to its fate. */
    private static final int PATIENCE_SECONDS = 30;

    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread hook = new Thread(this::shutdown, "panllama-interruption");
    private boolean requested;
    private Runnable cancel = () -> {};

    /** Begins to watch; {@link #close} when the native work is over. */
    static Interruption watch() {
        Interruption interruption = new Interruption();
        Runtime.getRuntime().addShutdownHook(interruption.hook);
        return interruption;
    }

    /** Does work that {@code cancel} ends; called at once if the end was asked for before. */
    <T> T during(Runnable cancel, Supplier<T> work) {
        setCancel(cancel);
        try {
            return work.get();
        } finally {
            // Before what it cancels is closed.
            setCancel(() -> {});
        }
    }

    private synchronized void setCancel(Runnable action) {
        cancel = action;
        if (requested) {
            action.run();
        }
    }

    synchronized boolean isRequested() {
        return requested;
    }

    private void shutdown() {
        synchronized (this) {
            requested = true;
            cancel.run();
        }
        try {
            over.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        over.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The shutdown is what closes it.
        }
    }
}
