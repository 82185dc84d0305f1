package io.github.panllama.internal.worker;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Waits for the one connection whose hello has the token. */
final class WorkerListener implements AutoCloseable {
    private final Path path;
    private final ServerSocketChannel server;
    private final Selector selector;

    private WorkerListener(Path path, ServerSocketChannel server, Selector selector) {
        this.path = path;
        this.server = server;
        this.selector = selector;
    }

    /** Listens on a socket that is made there. */
    static WorkerListener bind(Path path) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(path));
            server.configureBlocking(false);
            Selector selector = Selector.open();
            server.register(selector, SelectionKey.OP_ACCEPT);
            return new WorkerListener(path, server, selector);
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    /**
     * Waits for the worker.
     *
     * @param process ends the waiting when it ends
     * @return its connection; {@code null} if the process ended or the time is over
     * @throws InterruptedIOException if the thread is interrupted
     */
    @Nullable
    SocketChannel accept(String token, Process process, long deadlineNanos) throws IOException {
        CompletableFuture<Void> _ = process.onExit().thenRun(selector::wakeup);
        while (process.isAlive()) {
            long left = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return null;
            }
            selector.select(left);
            if (Thread.interrupted()) {
                throw new InterruptedIOException("interrupted while a worker was started");
            }
            for (Iterator<SelectionKey> keys = selector.selectedKeys().iterator(); keys.hasNext(); ) {
                SelectionKey key = keys.next();
                keys.remove();
                if (key.isAcceptable()) {
                    acceptOne();
                } else if (readHello(key, token)) {
                    key.cancel();
                    selector.selectNow(); // only then the channel is free of the selector
                    return (SocketChannel) key.channel();
                }
            }
        }
        return null;
    }

    private void acceptOne() throws IOException {
        SocketChannel socket = server.accept();
        if (socket != null) {
            socket.configureBlocking(false);
            socket.register(selector, SelectionKey.OP_READ, ByteBuffer.allocate(Hello.BYTES));
        }
    }

    /** Returns whether this is the worker; anybody else is sent away. */
    private static boolean readHello(SelectionKey key, String token) throws IOException {
        SocketChannel socket = (SocketChannel) key.channel();
        ByteBuffer hello = (ByteBuffer) key.attachment();
        try {
            if (socket.read(hello) < 0) {
                socket.close();
                return false;
            }
        } catch (IOException e) {
            socket.close();
            return false;
        }
        if (hello.hasRemaining()) {
            return false;
        }
        if (Hello.isRight(hello.flip(), token)) {
            return true;
        }
        socket.close();
        return false;
    }

    /** Stops to listen, and takes the socket's file away. Connections that were not the worker's are closed. */
    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
        server.close();
        Files.deleteIfExists(path);
    }
}
