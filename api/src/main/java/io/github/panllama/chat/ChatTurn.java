package io.github.panllama.chat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A turn of a {@link LlamaChat} that is on its way. It goes on, and ends, whether or not somebody reads it.
 *
 * <p><b>Threads.</b> Any, virtual ones too; any number of readers.
 */
public final class ChatTurn implements Iterable<ChatEvent>, AutoCloseable {
    private final CompletableFuture<ChatResult> result = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<ChatEvent> events = new ArrayList<>();
    private boolean ended;
    private @Nullable Throwable failure;
    private volatile boolean cancelled;
    private Runnable stop = () -> {};

    ChatTurn() {}

    /**
     * The events, from the first one; each waits until it is there. An interrupt cancels the turn and is a
     * {@link CancellationException}; a failure is thrown after the events that came before it.
     */
    @Override
    public Iterator<ChatEvent> iterator() {
        return new Events();
    }

    /**
     * Waits for the whole turn, with what it had by then where it was cancelled or ran out of time.
     *
     * @throws ChatParseException if a reply does not have the model's format
     * @throws io.github.panllama.engine.EngineClosedException if the engine was closed before the end
     * @throws RuntimeException what else went wrong; the conversation is then what it was before the turn
     */
    public ChatResult await() {
        try {
            return result.join();
        } catch (CompletionException e) {
            throw rethrown(Objects.requireNonNullElse(e.getCause(), e));
        }
    }

    /** Waits for the answer: the content of the last reply. Throws as {@link #await()}. */
    public String text() {
        return await().text();
    }

    /** The whole turn, when it is there; fails with what {@link #await()} would throw. */
    public CompletableFuture<ChatResult> result() {
        return result.copy();
    }

    /**
     * Ends it within a step of the engine, and interrupts tools that it runs. What the model has written by then belongs
     * to the conversation. Does nothing to a turn that has ended.
     */
    public void cancel() {
        lock.lock();
        try {
            cancelled = true;
            stop.run();
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #cancel()}: for a reader that may leave its loop early. */
    @Override
    public void close() {
        cancel();
    }

    /** Whether it has ended. */
    public boolean isDone() {
        return result.isDone();
    }

    boolean isCancelled() {
        return cancelled;
    }

    /** What ends that which it does now; called at once where it is cancelled already. */
    void stopsBy(Runnable action) {
        lock.lock();
        try {
            stop = action;
            if (cancelled) {
                action.run();
            }
        } finally {
            lock.unlock();
        }
    }

    void add(ChatEvent event) {
        lock.lock();
        try {
            events.add(event);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void complete(ChatResult value) {
        end(new ChatEvent.Finished(value), null);
        result.complete(value);
    }

    void fail(Throwable thrown) {
        end(null, thrown);
        result.completeExceptionally(thrown);
    }

    private void end(@Nullable ChatEvent last, @Nullable Throwable thrown) {
        lock.lock();
        try {
            if (last != null) {
                events.add(last);
            }
            ended = true;
            failure = thrown;
            stop = () -> {};
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private final class Events implements Iterator<ChatEvent> {
        private int next;

        @Override
        public boolean hasNext() {
            lock.lock();
            try {
                while (next == events.size() && !ended) {
                    changed.await();
                }
                if (next == events.size() && failure != null) {
                    throw rethrown(failure);
                }
                return next < events.size();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                cancel();
                throw new CancellationException("Interrupted while waiting for the next event; the turn is cancelled");
            } finally {
                lock.unlock();
            }
        }

        @Override
        public ChatEvent next() {
            if (!hasNext()) {
                throw new NoSuchElementException("The turn has ended");
            }
            lock.lock();
            try {
                return events.get(next++);
            } finally {
                lock.unlock();
            }
        }
    }

    private static RuntimeException rethrown(Throwable failure) {
        if (failure instanceof RuntimeException unchecked) {
            return unchecked;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(failure);
    }
}
