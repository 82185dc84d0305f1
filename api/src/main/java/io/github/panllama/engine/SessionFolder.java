package io.github.panllama.engine;

import io.github.panllama.InvalidStateException;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.bindings.PrivateFolder;
import io.github.panllama.internal.PartFile;
import java.io.BufferedInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The folder of an engine's session files, which no other engine uses at the same time.
 *
 * <p><b>Threads.</b> Any; a session is written by one at a time.
 */
final class SessionFolder implements AutoCloseable {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");
    private static final String SUFFIX = ".session";
    private static final String LOCK = ".lock";

    private final Path folder;
    private final LlamaModel model;
    private final SessionLimits limits;
    private final FileChannel lockFile;
    private final boolean ignoresCase;

    private SessionFolder(Path folder, LlamaModel model, SessionLimits limits, FileChannel lockFile) {
        this.folder = folder;
        this.model = model;
        this.limits = limits;
        this.lockFile = lockFile;
        this.ignoresCase = Files.exists(folder.resolve(LOCK.toUpperCase(Locale.ROOT)));
    }

    /**
     * Opens a folder, and makes it, for its owner alone, where there is none.
     *
     * @param limits of the files in it, which may be anybody's
     * @throws LlamaException if it cannot be used, others may change it, or another engine uses it
     */
    static SessionFolder open(Path folder, LlamaModel model, SessionLimits limits) {
        try {
            if (!Files.isDirectory(folder)) {
                PrivateFolder.create(folder);
            }
            String fault = PrivateFolder.fault(folder);
            if (fault != null) {
                throw new LlamaException(
                        ("The session folder cannot be used: %s, and native code reads what is there: make"
                                        + " it a folder that you alone may write to, or choose another")
                                .formatted(fault));
            }
            FileChannel lockFile = openLock(folder.resolve(LOCK));
            if (!lock(lockFile)) {
                lockFile.close();
                throw new LlamaException("The session folder " + folder + " is in use by another engine");
            }
            deleteLeftovers(folder);
            return new SessionFolder(folder, model, limits, lockFile);
        } catch (IOException e) {
            throw new LlamaException("The session folder " + folder + " cannot be used: " + e, e);
        }
    }

    private static FileChannel openLock(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PartFile.privately(file));
    }

    /** What an engine was writing when its process was killed. */
    private static void deleteLeftovers(Path folder) throws IOException {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, '*' + SUFFIX + PartFile.TAG + '*')) {
            for (Path leftover : leftovers) {
                if (Files.isRegularFile(leftover, LinkOption.NOFOLLOW_LINKS)) {
                    Files.delete(leftover);
                }
            }
        }
    }

    private static boolean lock(FileChannel lockFile) throws IOException {
        try {
            FileLock lock = lockFile.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // by this process
        }
    }

    /** Refuses what could be a path, or no file name. */
    static String checkId(String id) {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "The session id is \"%s\", must be 1 to 128 of A-Z a-z 0-9 _ -".formatted(id));
        }
        return id;
    }

    private Path file(String id) {
        return folder.resolve(fileName(checkId(id), ignoresCase));
    }

    /**
     * The name of a session's file. Where the file system takes {@code Ann} and {@code ann} for one name, a number says
     * which letters are large, so that nobody gets another's conversation.
     */
    static String fileName(String id, boolean ignoresCase) {
        BitSet large = new BitSet();
        for (int i = 0; i < id.length(); i++) {
            large.set(i, Character.isUpperCase(id.charAt(i)));
        }
        byte[] number = large.toByteArray();
        return id + (ignoresCase ? '~' + HexFormat.of().formatHex(number) : "") + SUFFIX;
    }

    boolean has(String id) {
        return Files.exists(file(id), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Writes a session's file, whole or not at all. What the system still has in memory may be lost with its power.
     *
     * @param cancelled asked now and then: whether nobody needs it any more
     */
    void write(String id, SessionFile.Content content, BooleanSupplier cancelled) throws IOException {
        try (PartFile part = PartFile.of(file(id))) {
            try (OutputStream out = new Cancellable(Channels.newOutputStream(part.createPrivate()), cancelled)) {
                SessionFile.write(out, content);
            }
            part.publishUnsynced();
        }
    }

    private static final class Cancellable extends FilterOutputStream {
        private final BooleanSupplier cancelled;

        Cancellable(OutputStream out, BooleanSupplier cancelled) {
            super(out);
            this.cancelled = cancelled;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            if (cancelled.getAsBoolean()) {
                throw new InterruptedIOException("The engine is closed");
            }
            out.write(bytes, from, length);
        }
    }

    /**
     * Reads a session; {@code null} where there is none of that id.
     *
     * @throws InvalidStateException if there is something else than a file of this library's, for this model
     */
    SessionFile.@Nullable Content read(String id) throws IOException {
        Path file = file(id);
        if (!has(id)) {
            return null;
        }
        if (Files.isSymbolicLink(file) || Files.isDirectory(file)) {
            throw new InvalidStateException(file + " is no file, or a link to one");
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS))) {
            return SessionFile.read(in, model, limits);
        }
    }

    void delete(String id) throws IOException {
        Files.deleteIfExists(file(id));
    }

    /** Lets others use it. */
    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
