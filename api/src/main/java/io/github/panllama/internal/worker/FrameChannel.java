package io.github.panllama.internal.worker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Frames in both directions over one socket. The socket never blocks, so a sender writes on its own thread, without a
 * hand-over, and an interrupt of it does not close the socket, as Java would do otherwise.
 *
 * <p><b>Threads.</b> Any number may send; what one thread sends arrives in order. One thread of the channel's own reads,
 * calls the handler, and writes what the socket did not take at once.
 */
public final class FrameChannel implements AutoCloseable {
    private static final String THREAD_NAME = "panllama-worker-io";
    private static final long JOIN_MILLIS = 5_000;

    private final SocketChannel socket;
    private final Selector selector;
    private final FrameOutput output;
    private final FrameDecoder decoder = new FrameDecoder();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable Thread thread;
    /** In nanoseconds; 0 for no ticks. */
    private volatile long interval;

    private long lastTick;

    /**
     * Over a connected socket, which it closes at its end.
     *
     * @param socket is made non-blocking
     * @throws IOException if it is closed already; the socket is closed then
     */
    public FrameChannel(SocketChannel socket) throws IOException {
        this.socket = socket;
        this.output = new FrameOutput(socket);
        try {
            socket.configureBlocking(false);
            this.selector = Selector.open();
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Begins to read. What has come before is given out first.
     *
     * @param handler takes all that comes, until its {@code onEnd}
     * @throws IllegalStateException if it has begun before
     * @throws IOException if the channel is closed
     */
    public synchronized void start(FrameHandler handler) throws IOException {
        if (thread != null) {
            throw new IllegalStateException("the channel is read already");
        }
        SelectionKey key;
        try {
            key = socket.register(selector, SelectionKey.OP_READ);
        } catch (ClosedSelectorException e) {
            throw closedException(e);
        }
        Thread reader = Thread.ofPlatform().name(THREAD_NAME).daemon().unstarted(() -> run(handler));
        thread = reader;
        output.start(key);
        reader.start();
    }

    /**
     * Lets the handler's {@code onTick} be called in intervals from now on. Called before {@link #start} or by the handler.
     *
     * @param every the interval; zero for never, which it is at first
     */
    public void tickEvery(Duration every) {
        interval = every.toNanos();
    }

    private static ClosedChannelException closedException(Exception cause) {
        ClosedChannelException closed = new ClosedChannelException();
        closed.initCause(cause);
        return closed;
    }

    private void run(FrameHandler handler) {
        IOException reason = null;
        try {
            lastTick = System.nanoTime();
            while (selectAndRead(handler)) {
                tick(handler);
            }
        } catch (ClosedSelectorException e) {
            // This side has closed the channel.
        } catch (IOException e) {
            reason = closed.get() ? null : e;
        } catch (RuntimeException | Error e) {
            reason = closed.get() ? null : new IOException("a frame could not be handled: " + e, e);
        } finally {
            release();
            try {
                handler.onEnd(reason);
            } finally {
                ended.countDown();
            }
        }
    }

    /** Returns whether to go on. */
    private boolean selectAndRead(FrameHandler handler) throws IOException {
        long every = interval;
        if (every == 0) {
            selector.select();
        } else {
            long left = lastTick + every - System.nanoTime();
            selector.select(Math.max(1, left / 1_000_000));
        }
        boolean _ = Thread.interrupted(); // else the next select would not wait
        boolean readable = false;
        for (SelectionKey key : selector.selectedKeys()) {
            readable |= key.isReadable();
        }
        selector.selectedKeys().clear();
        if (closed.get()) {
            return false;
        }
        writeWhatWaits();
        if (readable) {
            ByteBuffer room = decoder.room();
            int count = socket.read(room);
            if (count < 0) {
                decoder.end();
                return false;
            }
            decoder.advance(count);
            if (decoder.decode(handler)) {
                handler.onBatchEnd();
            }
        }
        return true;
    }

    private void tick(FrameHandler handler) throws ProtocolException {
        long every = interval;
        long now = System.nanoTime();
        // One for any number of intervals: what this side has slept through, the other side cannot help.
        if (every > 0 && now - lastTick >= every) {
            lastTick = now;
            handler.onTick();
        }
    }

    /** What the other side takes no more is nobody's any more; what it has sent before is still read. */
    private void writeWhatWaits() {
        try {
            output.flush();
        } catch (IOException e) {
            selector.keys().forEach(key -> key.interestOpsAnd(~SelectionKey.OP_WRITE));
        }
    }

    /**
     * Sends a frame now.
     *
     * @param frame must not be changed any more
     * @throws ClosedChannelException if the channel has ended
     * @throws IOException if it breaks; its handler hears of it too
     */
    public void send(FrameWriter frame) throws IOException {
        append(frame);
        flush();
    }

    /**
     * Sends a frame with the next {@link #flush}, or before. Waits while more than 16 MiB are not written yet, but never
     * on the channel's own thread, nor before {@link #start}.
     *
     * @param frame must not be changed any more
     * @throws ClosedChannelException if the channel has ended
     * @throws IOException if it breaks; its handler hears of it too
     */
    public void append(FrameWriter frame) throws IOException {
        Thread reader = thread;
        output.append(frame, reader != null && reader != Thread.currentThread());
    }

    /**
     * Writes everything that was appended, by any thread, as far as the socket takes it; the rest follows by itself.
     *
     * @throws IOException if the channel breaks; its handler hears of it too
     */
    public void flush() throws IOException {
        output.flush();
    }

    /** {@return whether so much is not written yet that {@link #append} waits} */
    public boolean isFull() {
        return output.isFull();
    }

    /** {@return whether frames can be sent} */
    public boolean isOpen() {
        return output.isOpen();
    }

    /**
     * Tells the other side, after all that was appended, that nothing more comes. It may go on to send.
     *
     * @throws IOException if the channel breaks
     */
    public void endOutput() throws IOException {
        output.end();
    }

    /**
     * Waits until the handler's {@code onEnd} has returned.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /** Closes the socket and ends the thread. What was not written is lost. May be called twice, by any thread. */
    @Override
    public void close() {
        release();
        Thread reader = thread;
        if (reader != null && reader != Thread.currentThread()) {
            join(reader);
        }
    }

    private void release() {
        if (closed.compareAndSet(false, true)) {
            output.close();
            try {
                selector.close();
                socket.close();
            } catch (IOException e) {
                // Nothing is left to lose.
            }
        }
    }

    private static void join(Thread reader) {
        boolean interrupted = false;
        long end = System.nanoTime() + JOIN_MILLIS * 1_000_000;
        while (reader.isAlive()) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                break;
            }
            try {
                reader.join(left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "FrameChannel[" + (isOpen() ? "open" : "ended") + "]";
    }
}
