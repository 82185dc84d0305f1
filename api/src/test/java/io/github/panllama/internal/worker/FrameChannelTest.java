package io.github.panllama.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two ends of one socket in one process. */
@Timeout(60)
class FrameChannelTest {
    private SocketChannel near;
    private SocketChannel far;

    @BeforeEach
    void connect() throws IOException {
        Path folder = Files.createTempDirectory(Path.of("/tmp"), "channel");
        Path path = folder.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            near = SocketChannel.open(UnixDomainSocketAddress.of(path));
            far = server.accept();
        } finally {
            Files.delete(path);
            Files.delete(folder);
        }
    }

    @AfterEach
    void disconnect() throws IOException {
        near.close();
        far.close();
    }

    /** Keeps frames' first ints, and the end. */
    private static final class Inbox implements FrameHandler {
        final LinkedBlockingQueue<Integer> values = new LinkedBlockingQueue<>();
        final CompletableFuture<String> end = new CompletableFuture<>();

        @Override
        public void onFrame(int type, FrameReader frame) throws ProtocolException {
            values.add(frame.getInt("value"));
        }

        @Override
        public void onEnd(@Nullable IOException reason) {
            end.complete(String.valueOf(reason));
        }

        int next() throws InterruptedException {
            Integer value = values.poll(30, TimeUnit.SECONDS);
            assertThat(value).as("a frame within 30 s").isNotNull();
            return value;
        }
    }

    @Test
    void framesOfManyThreadsArriveWholeAndInEachThreadsOrder() throws Exception {
        Inbox inbox = new Inbox();
        int threads = 8;
        int each = 5_000;
        try (FrameChannel sender = new FrameChannel(near);
                FrameChannel receiver = new FrameChannel(far)) {
            sender.start(new Inbox());
            receiver.start(inbox);
            List<Thread> running = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int base = t * each;
                running.add(Thread.startVirtualThread(() -> sendAll(sender, base, each)));
            }
            int[] next = new int[threads];
            for (int i = 0; i < threads * each; i++) {
                int value = inbox.next();
                assertThat(value % each).isEqualTo(next[value / each]++);
            }
            for (Thread thread : running) {
                thread.join();
            }
        }
    }

    private static void sendAll(FrameChannel sender, int base, int count) {
        try {
            for (int i = 0; i < count; i++) {
                FrameWriter frame = new FrameWriter(1).putInt(base + i).putBytes(new byte[i % 200]);
                if (i % 3 == 0) {
                    sender.append(frame);
                } else {
                    sender.send(frame);
                }
            }
            sender.flush();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void senderThatIsInterruptedLeavesTheChannelOpen() throws Exception {
        Inbox inbox = new Inbox();
        try (FrameChannel sender = new FrameChannel(near);
                FrameChannel receiver = new FrameChannel(far)) {
            sender.start(new Inbox());
            receiver.start(inbox);
            Thread.currentThread().interrupt();
            sender.send(new FrameWriter(1).putInt(1));
            assertThat(Thread.interrupted()).isTrue();
            sender.send(new FrameWriter(1).putInt(2));
            assertThat(inbox.next()).isEqualTo(1);
            assertThat(inbox.next()).isEqualTo(2);
        }
    }

    @Test
    void senderWaitsWhileTheOtherSideReadsNothing() throws Exception {
        byte[] megabyte = new byte[1 << 20];
        Inbox inbox = new Inbox();
        int frames = 40;
        try (FrameChannel sender = new FrameChannel(near)) {
            sender.start(new Inbox());
            CountDownLatch sent = new CountDownLatch(frames);
            Thread thread = Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < frames; i++) {
                        sender.send(new FrameWriter(1).putInt(i).putBytes(megabyte));
                        sent.countDown();
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            awaitWaiting(thread);
            assertThat(sent.getCount()).isGreaterThanOrEqualTo(frames - 20);
            try (FrameChannel receiver = new FrameChannel(far)) {
                receiver.start(inbox);
                for (int i = 0; i < frames; i++) {
                    assertThat(inbox.next()).isEqualTo(i);
                }
                thread.join();
            }
        }
    }

    private static void awaitWaiting(Thread thread) {
        while (thread.getState() != Thread.State.WAITING) {
            assertThat(thread.isAlive()).isTrue();
            Thread.onSpinWait();
        }
    }

    @Test
    void closeWakesASenderThatWaits() throws Exception {
        FrameChannel sender = new FrameChannel(near);
        sender.start(new Inbox());
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                while (true) {
                    sender.send(new FrameWriter(1).putBytes(new byte[1 << 20]));
                }
            } catch (IOException e) {
                failure.complete(e);
            }
        });
        awaitWaiting(thread);
        sender.close();
        assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(ClosedChannelException.class);
        assertThat(sender.isOpen()).isFalse();
        assertThatThrownBy(() -> sender.send(new FrameWriter(1))).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void orderlyEndBringsEverythingFirst() throws Exception {
        Inbox inbox = new Inbox();
        Inbox back = new Inbox();
        try (FrameChannel sender = new FrameChannel(near);
                FrameChannel receiver = new FrameChannel(far)) {
            sender.start(back);
            for (int i = 0; i < 10; i++) {
                sender.append(new FrameWriter(1).putInt(i).putBytes(new byte[1 << 20]));
            }
            sender.endOutput();
            assertThatThrownBy(() -> sender.send(new FrameWriter(1))).isInstanceOf(ClosedChannelException.class);
            receiver.start(inbox);
            for (int i = 0; i < 10; i++) {
                assertThat(inbox.next()).isEqualTo(i);
            }
            assertThat(inbox.end.get(10, TimeUnit.SECONDS)).isEqualTo("null");
        }
        assertThat(back.end.get(10, TimeUnit.SECONDS)).isEqualTo("null");
    }

    @Test
    void whatHasArrivedIsReadAlsoWhereNothingCanBeWrittenAnyMore() throws Exception {
        Inbox inbox = new Inbox();
        try (FrameChannel receiver = new FrameChannel(far)) {
            receiver.append(new FrameWriter(1).putInt(0));
            try (FrameChannel sender = new FrameChannel(near)) {
                for (int i = 0; i < 100; i++) {
                    sender.send(new FrameWriter(1).putInt(i));
                }
            }
            receiver.start(inbox);
            for (int i = 0; i < 100; i++) {
                assertThat(inbox.next()).isEqualTo(i);
            }
            assertThat(inbox.end.get(10, TimeUnit.SECONDS)).isEqualTo("null");
        }
    }

    @Test
    void whatIsNoFrameEndsTheChannelWithTheReason() throws Exception {
        Inbox inbox = new Inbox();
        try (FrameChannel receiver = new FrameChannel(far)) {
            receiver.start(inbox);
            near.write(ByteBuffer.wrap(new byte[] {-1, -1, -1, -1, 0}));
            assertThat(inbox.end.get(10, TimeUnit.SECONDS))
                    .contains("ProtocolException")
                    .contains("a frame of -1 bytes");
            assertThat(receiver.isOpen()).isFalse();
        }
    }

    @Test
    void otherSideThatIsGoneWithinAFrameIsTold() throws Exception {
        Inbox inbox = new Inbox();
        try (FrameChannel receiver = new FrameChannel(far)) {
            receiver.start(inbox);
            near.write(ByteBuffer.wrap(new byte[] {0, 0, 1, 0, 1, 2, 3}));
            near.close();
            assertThat(inbox.end.get(10, TimeUnit.SECONDS)).contains("within a frame, 7 bytes");
        }
    }

    @Test
    void handlerThatThrowsEndsTheChannelWithWhatItThrew() throws Exception {
        CompletableFuture<IOException> end = new CompletableFuture<>();
        try (FrameChannel sender = new FrameChannel(near);
                FrameChannel receiver = new FrameChannel(far)) {
            receiver.start(new FrameHandler() {
                @Override
                public void onFrame(int type, FrameReader frame) {
                    throw new IllegalStateException("on purpose");
                }

                @Override
                public void onEnd(@Nullable IOException reason) {
                    end.complete(reason);
                }
            });
            sender.send(new FrameWriter(1));
            assertThat(end.get(10, TimeUnit.SECONDS)).hasMessageContaining("on purpose");
            receiver.awaitEnd();
        }
    }
}
