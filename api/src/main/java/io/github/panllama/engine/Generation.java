package io.github.panllama.engine;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A generation that is on its way in an engine. It can be waited for as a whole ({@link #result()}), or read as it
 * comes by one reader: a loop over it, a {@linkplain #publisher() publisher} or a {@linkplain #onChunk callback}.
 *
 * <p>A reader that is slow fills a buffer of its own; then this generation pauses until it has read on, and no other
 * does. A generation that nobody reads does not pause.
 *
 * <p><b>Threads.</b> Any, virtual ones too.
 */
public final class Generation implements Iterable<GenerationChunk>, AutoCloseable {
    private static final Executor OWN_THREAD =
            work -> Thread.ofVirtual().name("panllama-result").start(work);

    private final int readAhead;
    private final GenerationFeed feed;
    private final @Nullable GenerationRelay relay;
    private final CompletableFuture<CompletionResult> result = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<GenerationChunk> chunks = new ArrayList<>();
    private int read;
    private boolean hasReader;
    private boolean ended;
    private @Nullable Throwable failure;
    private volatile long cancelledAt;
    private volatile boolean cancelled;

    /**
     * A generation.
     *
     * @param readAhead chunks that may wait for a reader
     * @param wakeEngine tells the engine to look at it
     */
    Generation(int readAhead, Runnable wakeEngine) {
        this(readAhead, new LocalFeed(readAhead, wakeEngine), null);
    }

    /**
     * A generation.
     *
     * @param readAhead chunks that may wait for a reader
     * @param feed is told what its readers do
     * @param relay takes the chunks and the end instead of readers here; {@code null} for none
     */
    Generation(int readAhead, GenerationFeed feed, @Nullable GenerationRelay relay) {
        this.readAhead = readAhead;
        this.feed = feed;
        this.relay = relay;
    }

    /** A generation of an engine in this process, which another process reads. */
    Generation(int readAhead, Runnable wakeEngine, GenerationRelay relay) {
        this(readAhead, new LocalFeed(readAhead, wakeEngine), relay);
    }

    /** Wakes an engine in this process, which asks what it wants to know. */
    private record LocalFeed(int readAhead, Runnable wakeEngine) implements GenerationFeed {
        @Override
        public void readerCame() {}

        @Override
        public void read(long chunks, int waiting) {
            if (waiting == readAhead - 1) {
                wakeEngine.run();
            }
        }

        @Override
        public void cancelled() {
            wakeEngine.run();
        }
    }

    /**
     * The whole result, when it is there: also of a generation that was cancelled or ran out of time, with what it had
     * by then. It fails with {@link EngineClosedException} when the engine is closed before, or with what went wrong.
     * Completing or cancelling the future changes nothing in the engine. What depends on it runs on a virtual thread.
     */
    public CompletableFuture<CompletionResult> result() {
        // The engine's thread completes it, and must not do what depends on it.
        return result.isDone() ? result.copy() : result.thenApplyAsync(value -> value, OWN_THREAD);
    }

    /** Waits for the whole result. Throws what {@link #result()} would fail with. */
    public CompletionResult await() {
        try {
            return result.join();
        } catch (CompletionException e) {
            throw rethrown(Objects.requireNonNullElse(e.getCause(), e));
        }
    }

    /** Ends it within a step, with what it has by then. Does nothing to one that has ended. */
    public void cancel() {
        if (!cancelled) {
            cancelledAt = System.nanoTime();
            cancelled = true;
        }
        feed.cancelled();
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

    /**
     * The chunks, from the first one; each waits until it is there. An interrupt cancels the generation and is a
     * {@link CancellationException}; a failure is thrown after the chunks that came before it.
     *
     * @throws IllegalStateException if it has a reader already
     */
    @Override
    public Iterator<GenerationChunk> iterator() {
        lock.lock();
        try {
            if (hasReader) {
                throw new IllegalStateException("The generation has a reader already; it can have one");
            }
            hasReader = true;
        } finally {
            lock.unlock();
        }
        feed.readerCame();
        return new Chunks();
    }

    /**
     * The chunks for a subscriber, which is called on a virtual thread of its own. What it has not requested waits as
     * for a slow reader. Cancelling the subscription cancels the generation.
     */
    public Flow.Publisher<GenerationChunk> publisher() {
        return subscriber -> ChunkSubscription.start(this, subscriber);
    }

    /**
     * Calls a consumer with each chunk as it comes, on a virtual thread. What the consumer throws cancels the
     * generation.
     *
     * @throws IllegalStateException if it has a reader already
     */
    public Generation onChunk(Consumer<? super GenerationChunk> consumer) {
        Objects.requireNonNull(consumer, "consumer");
        Iterator<GenerationChunk> iterator = iterator();
        Thread.ofVirtual().name("panllama-chunks").start(() -> {
            try (this) {
                iterator.forEachRemaining(consumer);
            }
        });
        return this;
    }

    private final class Chunks implements Iterator<GenerationChunk> {
        @Override
        public boolean hasNext() {
            lock.lock();
            try {
                while (read == chunks.size() && !ended) {
                    changed.await();
                }
                if (read == chunks.size() && failure != null) {
                    throw rethrown(failure);
                }
                return read < chunks.size();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                lock.unlock();
            }
            cancel();
            throw new CancellationException(
                    "Interrupted while waiting for the next chunk; the generation is cancelled");
        }

        @Override
        public GenerationChunk next() {
            if (!hasNext()) {
                throw new NoSuchElementException("The generation has ended");
            }
            GenerationChunk chunk;
            int waiting;
            lock.lock();
            try {
                chunk = chunks.get(read);
                read++;
                waiting = chunks.size() - read;
            } finally {
                lock.unlock();
            }
            feed.read(read, waiting);
            return chunk;
        }
    }

    static RuntimeException rethrown(Throwable failure) {
        if (failure instanceof RuntimeException unchecked) {
            return unchecked;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(failure);
    }

    /** For the engine: whether somebody wants it to end. */
    boolean isCancelled() {
        return cancelled;
    }

    /** For the engine: when it was cancelled. */
    long cancelledAt() {
        return cancelledAt;
    }

    /** For the engine: whether a reader has not yet read what it may have. */
    boolean isPaused() {
        if (relay != null) {
            return relay.isPaused();
        }
        lock.lock();
        try {
            return hasReader && chunks.size() - read >= readAhead;
        } finally {
            lock.unlock();
        }
    }

    /** For the engine: its prompt is about to be computed. */
    void begun() {
        if (relay != null) {
            relay.begun();
        }
    }

    /** For the engine. */
    void add(GenerationChunk chunk) {
        if (relay != null) {
            relay.added(chunk);
            return;
        }
        lock.lock();
        try {
            chunks.add(chunk);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** For the engine. */
    void complete(CompletionResult value) {
        end(null);
        result.complete(value);
        if (relay != null) {
            relay.completed(value);
        }
    }

    /** For the engine. */
    void fail(Throwable thrown) {
        end(thrown);
        result.completeExceptionally(thrown);
        if (relay != null) {
            relay.failed(thrown);
        }
    }

    private void end(@Nullable Throwable thrown) {
        lock.lock();
        try {
            ended = true;
            failure = thrown;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
