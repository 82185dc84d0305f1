package io.github.panllama.internal.worker;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * A folder for one worker, which nobody but its owner can enter. It is locked while its maker lives, so that one that was
 * left by a process that was killed is known, and taken away when the next is made.
 */
final class WorkerFolder implements AutoCloseable {
    static final String PREFIX = "panllama-worker-";
    private static final String LOCK = "lock";
    private static final String SOCKET = "s";
    private static final String CRASH = "crash.log";

    /** What {@code sockaddr_un} holds on every system. */
    private static final int MAX_SOCKET_BYTES = 100;

    private static final Duration BEING_MADE = Duration.ofSeconds(10);

    private static final AtomicBoolean SWEPT = new AtomicBoolean();

    private final Path path;
    private final FileChannel lockFile;

    private WorkerFolder(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /**
     * Makes one, in the folder for temporary files, or in {@code /tmp} where that has too long a name for a socket.
     *
     * @throws IOException if none can be made
     */
    static WorkerFolder create() throws IOException {
        Path parent = parent(Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath());
        Path path = Files.createTempDirectory(parent, ownPrefix(), ownerOnly(parent));
        if (SWEPT.compareAndSet(false, true)) {
            sweep(parent, path);
        }
        try {
            FileChannel lockFile =
                    FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            FileLock _ = lockFile.lock();
            return new WorkerFolder(path, lockFile);
        } catch (IOException e) {
            delete(path);
            throw e;
        }
    }

    private static String ownPrefix() {
        return PREFIX + ProcessHandle.current().pid() + "-";
    }

    private static Path parent(Path temporary) throws IOException {
        Path fallback = Path.of("/tmp");
        for (Path parent : List.of(temporary, fallback)) {
            // createTempDirectory appends a number of at most 20 digits.
            Path socket = parent.resolve(ownPrefix() + "0".repeat(20)).resolve(SOCKET);
            if (socket.toString().getBytes(StandardCharsets.UTF_8).length <= MAX_SOCKET_BYTES
                    && Files.isDirectory(parent)) {
                return parent;
            }
        }
        throw new IOException(
                "the folder for temporary files has too long a name for a socket in it: %s; name a shorter one with -Djava.io.tmpdir"
                        .formatted(temporary));
    }

    private static FileAttribute<?>[] ownerOnly(Path parent) {
        return isPosix(parent)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    Path path() {
        return path;
    }

    /** Where the socket is bound. */
    Path socket() {
        return path.resolve(SOCKET);
    }

    /** Where the JVM of the worker reports a crash. */
    Path crashFile() {
        return path.resolve(CRASH);
    }

    /** Deletes the folder. A file that cannot be deleted is left to the next sweep. */
    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException e) {
            // The lock goes with the process.
        }
        delete(path);
    }

    /** Deletes a folder of this kind and the files in it. Follows no link. */
    static void delete(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // The sweep of another process, or the worker, may have been faster.
        }
        try {
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            // As above.
        }
    }

    /**
     * Deletes what processes left that were killed.
     *
     * @param made by this user, as are those that may be deleted
     */
    static void sweep(Path parent, Path made) {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path folder : folders) {
                // To open a lock of this process's own, and close it, would end that lock.
                boolean own = String.valueOf(folder.getFileName()).startsWith(ownPrefix());
                if (!own && isOurs(folder, made) && isLeft(folder)) {
                    delete(folder);
                }
            }
        } catch (IOException e) {
            // What is left stays until the next time.
        }
    }

    /** Whether it is this user's: another's could become something else while it is looked at. */
    private static boolean isOurs(Path folder, Path made) {
        try {
            return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                    && Files.isRegularFile(folder.resolve(LOCK), LinkOption.NOFOLLOW_LINKS)
                    && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS)
                            .equals(Files.getOwner(made, LinkOption.NOFOLLOW_LINKS));
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether nobody holds its lock, and it is not just being made. One of another user cannot be opened. */
    private static boolean isLeft(Path folder) {
        Path file = folder.resolve(LOCK);
        try {
            Instant made =
                    Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
            if (made.plus(BEING_MADE).isAfter(Instant.now())) {
                return false;
            }
        } catch (IOException e) {
            return false;
        }
        try (FileChannel lockFile = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = lockFile.tryLock()) {
            return lock != null;
        } catch (IOException | OverlappingFileLockException e) {
            return false;
        }
    }
}
