package io.github.panllama.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that is being written, under a name of its own beside the one that it will have. Publishing it is durable: what
 * is there after a crash is the old file or the new one, and whole. A file that is replaced passes its permissions on,
 * and nobody else can read the new one before that. Closing takes away what was not published.
 */
public final class PartFile implements AutoCloseable {
    /** How the end of a name begins that {@link #tag} makes. */
    public static final String TAG = ".part-";

    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");

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
        return TAG + Long.toHexString(ThreadLocalRandom.current().nextLong(1L << 48));
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
     * Makes the file, empty.
     *
     * @return a channel to write with
     * @throws IOException if it is there already or cannot be made
     */
    public FileChannel create() throws IOException {
        return create(Files.exists(target));
    }

    /**
     * Makes the file, empty, for its owner alone unless it replaces one that is open to others.
     *
     * @return a channel to write with
     * @throws IOException if it is there already or cannot be made
     */
    public FileChannel createPrivate() throws IOException {
        return create(true);
    }

    private FileChannel create(boolean ownerOnly) throws IOException {
        return FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                ownerOnly ? privately(path) : new FileAttribute<?>[0]);
    }

    /**
     * What a file that is made needs in order to be its owner's alone.
     *
     * @param path where it is made
     */
    public static FileAttribute<?>[] privately(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER)}
                : new FileAttribute<?>[0];
    }

    /**
     * Gives the file its name, in one step where the file system can.
     *
     * @throws IOException if it cannot
     */
    public void publish() throws IOException {
        publish(List.of(this));
    }

    /**
     * The same without waiting for the disk: after a loss of power the file may be damaged, or be the one of before.
     *
     * @throws IOException if it cannot
     */
    public void publishUnsynced() throws IOException {
        rename();
    }

    /**
     * Gives files that belong together their names, once all are on the disk.
     *
     * @param parts files of one folder
     * @throws IOException if it cannot
     */
    public static void publish(List<PartFile> parts) throws IOException {
        for (PartFile part : parts) {
            part.sync();
        }
        for (PartFile part : parts) {
            part.rename();
        }
        syncFolder(parts.getFirst());
    }

    private void sync() throws IOException {
        // Opened before its permissions may become such that it cannot be.
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            if (isPosix() && Files.exists(target)) {
                Set<PosixFilePermission> replaced = Files.getPosixFilePermissions(target);
                // Some file systems have permissions, and refuse every change.
                if (!replaced.equals(Files.getPosixFilePermissions(path))) {
                    Files.setPosixFilePermissions(path, replaced);
                }
            }
            channel.force(true);
        }
    }

    private void rename() throws IOException {
        try {
            Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(path, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Makes the new names durable, where folders can be opened. */
    private static void syncFolder(PartFile part) throws IOException {
        Path folder = part.target.getParent();
        if (folder != null && part.isPosix()) {
            try (FileChannel channel = FileChannel.open(folder)) {
                channel.force(true);
            }
        }
    }

    private boolean isPosix() {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
    }
}
