package io.github.panllama.internal.worker;

import io.github.panllama.bindings.process.ProcessControl;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A worker's side of its channel. When the parent is gone, whose end of standard input closes then, this process ends at
 * once, whatever it computes.
 *
 * <p><b>Threads.</b> Any.
 */
public final class WorkerLink implements AutoCloseable {
    private static final int MAX_LINE_BYTES = 4096;
    private static final int ORPHANED = 70;
    private static final long FAREWELL_SECONDS = 5;

    private final FrameChannel channel;
    private final CountDownLatch farewell;

    private WorkerLink(FrameChannel channel, CountDownLatch farewell) {
        this.channel = channel;
        this.farewell = farewell;
    }

    /**
     * Connects to the parent that started this process, which has written the place of its socket and a token to standard
     * input. Nothing else may read that.
     *
     * @return the connection; its channel is not read yet
     * @throws IOException if this process was not started as a worker
     */
    public static WorkerLink connect() throws IOException {
        ProcessControl.leaveGroup();
        ProcessControl.offerWhenMemoryIsShort();
        Path path = Path.of(readLine(System.in));
        String token = readLine(System.in);
        Path folder = path.toAbsolutePath().getParent();
        if (folder == null || !String.valueOf(folder.getFileName()).startsWith(WorkerFolder.PREFIX)) {
            throw new IOException(path + " is no worker's socket: a worker is started by its parent alone");
        }
        CountDownLatch farewell = new CountDownLatch(1);
        Thread.ofPlatform().name("panllama-worker-watch").daemon().start(() -> watch(System.in, folder, farewell));
        SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(path));
        try {
            for (ByteBuffer hello = Hello.of(token); hello.hasRemaining(); ) {
                socket.write(hello);
            }
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        return new WorkerLink(new FrameChannel(socket), farewell);
    }

    /** Ends the process when the stream ends. What comes before that is the parent's farewell: it lives, and tidies up. */
    private static void watch(InputStream input, Path folder, CountDownLatch farewell) {
        try {
            while (input.read() >= 0) {
                farewell.countDown();
            }
        } catch (IOException e) {
            // As good as its end.
        }
        WorkerFolder.delete(folder);
        ProcessControl.exit(ORPHANED);
    }

    private static String readLine(InputStream input) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = input.read(); next != '\n'; next = input.read()) {
            if (next < 0) {
                throw new EOFException("standard input ends: a worker is started by its parent alone");
            }
            if (line.size() == MAX_LINE_BYTES) {
                throw new IOException(
                        "a line of more than %d bytes on standard input: a worker is started by its parent alone"
                                .formatted(MAX_LINE_BYTES));
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /** {@return the channel to the parent; {@link FrameChannel#start} begins to read it} */
    public FrameChannel channel() {
        return channel;
    }

    /**
     * Waits until the parent has ended its output, which asks this process to end, or the channel is broken.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public void awaitEnd() throws InterruptedException {
        channel.awaitEnd();
    }

    /**
     * Closes the channel. Where the parent has not taken leave it is perhaps gone; then this process ends here, as soon
     * as that is known.
     */
    @Override
    public void close() {
        channel.close();
        try {
            boolean _ = farewell.await(FAREWELL_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
