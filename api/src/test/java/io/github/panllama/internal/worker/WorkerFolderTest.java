package io.github.panllama.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The folder in which a parent and its worker meet: nobody else gets in, and nothing of it is left. */
@Timeout(120)
class WorkerFolderTest {
    @Test
    void onlyTheWorkerCanConnect() throws Exception {
        WorkerFolder folder = WorkerFolder.create();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path())))
                .isEqualTo("rwx------");
        Process process = new ProcessBuilder("sleep", "60").start();
        String token = Hello.newToken();
        try (WorkerListener listener = WorkerListener.bind(folder.socket())) {
            List<SocketChannel> strangers = new ArrayList<>();
            for (String wrong : List.of(Hello.newToken(), Hello.newToken())) {
                SocketChannel stranger = SocketChannel.open(UnixDomainSocketAddress.of(folder.socket()));
                stranger.write(Hello.of(wrong));
                strangers.add(stranger);
            }
            SocketChannel silent = SocketChannel.open(UnixDomainSocketAddress.of(folder.socket()));
            SocketChannel right = SocketChannel.open(UnixDomainSocketAddress.of(folder.socket()));
            right.write(Hello.of(token));
            try (SocketChannel accepted = listener.accept(token, process, System.nanoTime() + 10_000_000_000L)) {
                assertThat(accepted).isNotNull();
                right.write(ByteBuffer.wrap(new byte[] {7}));
                accepted.configureBlocking(true);
                ByteBuffer byteRead = ByteBuffer.allocate(1);
                accepted.read(byteRead);
                assertThat(byteRead.get(0)).isEqualTo((byte) 7);
            }
            for (SocketChannel stranger : strangers) {
                assertThat(stranger.read(ByteBuffer.allocate(1))).isEqualTo(-1);
                stranger.close();
            }
            silent.close();
            right.close();
        } finally {
            process.destroyForcibly();
            assertThat(folder.socket()).doesNotExist();
            folder.close();
            assertThat(folder.path()).doesNotExist();
        }
    }

    @Test
    void folderOfAParentThatWasKilledIsSweptAndOneInUseIsNot() throws Exception {
        try (WorkerFolder used = WorkerFolder.create()) {
            Path left = Files.createDirectory(used.path().resolveSibling(WorkerFolder.PREFIX + "0-test"));
            Files.writeString(left.resolve("lock"), "");
            Files.setLastModifiedTime(
                    left.resolve("lock"), FileTime.from(Instant.now().minusSeconds(60)));
            Files.writeString(left.resolve("crash.log"), "a report");
            WorkerFolder.sweep(left.getParent(), left);
            assertThat(left).doesNotExist();
            assertThat(used.path()).isDirectory();
        }
    }
}
