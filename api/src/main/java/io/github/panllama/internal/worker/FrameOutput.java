package io.github.panllama.internal.worker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What is to be written. Whoever flushes writes what the socket takes at once; the rest is left to the channel's thread.
 *
 * <p><b>Threads.</b> Any.
 */
final class FrameOutput {
    /** More than this does not wait to be written: then senders wait. */
    static final int MAX_PENDING = 16 << 20;

    private static final int FIRST_CAPACITY = 1 << 16;
    private static final int KEPT_CAPACITY = 1 << 20;

    private final SocketChannel socket;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Pending is what lies in [begin, end).
    private ByteBuffer bytes = ByteBuffer.allocateDirect(FIRST_CAPACITY);
    private int begin;
    private int end;
    private boolean ended;
    private boolean closed;
    private @Nullable SelectionKey key;

    FrameOutput(SocketChannel socket) {
        this.socket = socket;
    }

    /** From now on somebody writes what the socket did not take: the thread that selects with this key. */
    void start(SelectionKey selectionKey) {
        lock.lock();
        try {
            key = selectionKey;
            if (begin < end) {
                askForMore(selectionKey);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds a frame.
     *
     * @param mayWait whether to wait while too much is pending
     * @throws ClosedChannelException if nothing can be written any more
     */
    void append(FrameWriter frame, boolean mayWait) throws IOException {
        frame.finish();
        lock.lock();
        try {
            while (mayWait && !closed && !ended && end - begin > MAX_PENDING) {
                write();
                if (end - begin > MAX_PENDING) {
                    changed.awaitUninterruptibly();
                }
            }
            if (closed || ended) {
                throw new ClosedChannelException();
            }
            reserve(frame.end());
            bytes.put(end, frame.array(), 0, frame.end());
            end += frame.end();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes what the socket takes.
     *
     * @throws IOException if it takes nothing ever again
     */
    void flush() throws IOException {
        lock.lock();
        try {
            if (!closed) {
                write();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Writes what is pending, then tells the other side that nothing more comes. */
    void end() throws IOException {
        lock.lock();
        try {
            if (!ended && !closed) {
                ended = true;
                changed.signalAll();
                write();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is written any more; those that wait are woken. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isFull() {
        lock.lock();
        try {
            return end - begin > MAX_PENDING;
        } finally {
            lock.unlock();
        }
    }

    boolean isOpen() {
        lock.lock();
        try {
            return !closed && !ended;
        } finally {
            lock.unlock();
        }
    }

    private void write() throws IOException {
        boolean any = begin < end;
        try {
            while (begin < end) {
                int count = socket.write(bytes.limit(end).position(begin));
                if (count == 0) {
                    break;
                }
                begin += count;
            }
        } catch (IOException e) {
            // The reading side hears of it by itself.
            closed = true;
            changed.signalAll();
            throw e;
        } finally {
            bytes.clear();
        }
        if (begin < end) {
            if (key != null) {
                askForMore(key);
            }
            return;
        }
        begin = 0;
        end = 0;
        if (bytes.capacity() > KEPT_CAPACITY) {
            bytes = ByteBuffer.allocateDirect(FIRST_CAPACITY);
        }
        if (any && key != null && key.isValid()) {
            key.interestOpsAnd(~SelectionKey.OP_WRITE);
        }
        changed.signalAll();
        if (ended) {
            socket.shutdownOutput();
        }
    }

    private static void askForMore(SelectionKey key) {
        if (key.isValid() && (key.interestOpsOr(SelectionKey.OP_WRITE) & SelectionKey.OP_WRITE) == 0) {
            key.selector().wakeup();
        }
    }

    /** Makes room for this many bytes at the end. */
    private void reserve(int more) {
        if (bytes.capacity() - end >= more) {
            return;
        }
        int pending = end - begin;
        ByteBuffer source = bytes.duplicate().limit(end).position(begin);
        if (bytes.capacity() - pending >= more) {
            bytes.put(source.slice()); // a move within one buffer
        } else {
            long needed = (long) pending + more;
            bytes = ByteBuffer.allocateDirect(Math.toIntExact(Math.max(needed, Math.min(2 * needed, 1L << 28))));
            bytes.put(source);
        }
        bytes.clear();
        begin = 0;
        end = pending;
    }
}
