package io.github.panllama.internal;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that is being written, under a name of its own beside the one that it will have. Closing it takes away what was
 * not published.
 */
public final class PartFile implements AutoCloseable {
    private final Path path;
    private final Path target;

    private PartFile(Path path, Path target) {
        this.path = path;
        this.target = target;
    }

    /**
     * A name for a file that is to become {@code target}. Nothing is created.
     *
     * @param target the name that the file will have; what is there is replaced
     */
    public static PartFile of(Path target) {
        Path absolute = target.toAbsolutePath();
        return new PartFile(absolute.resolveSibling(absolute.getFileName() + tag()), absolute);
    }

    /**
     * A file that somebody else names.
     *
     * @param path where it is written
     * @param target the name that it will have
     */
    public static PartFile of(Path path, Path target) {
        return new PartFile(path, target.toAbsolutePath());
    }

    /** {@return an end of a file name that no other file has} */
    public static String tag() {
        return ".part-" + Long.toHexString(ThreadLocalRandom.current().nextLong(1L << 48));
    }

    /**
     * Bytes that may still be written in the folder of a file.
     *
     * @param target a file, there or not
     * @throws IOException if its folder does not exist
     */
    public static long usableSpace(Path target) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        return folder == null ? Long.MAX_VALUE : Files.getFileStore(folder).getUsableSpace();
    }

    /** {@return where to write} */
    public Path path() {
        return path;
    }

    /** {@return the name that the file will have} */
    public Path target() {
        return target;
    }

    /**
     * Gives the file its name, in one step where the file system can.
     *
     * @throws IOException if it cannot
     */
    public void publish() throws IOException {
        try {
            Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(path, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
    }
}
