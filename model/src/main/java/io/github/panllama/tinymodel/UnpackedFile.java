package io.github.panllama.tinymodel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A resource's content as a file, which is named by its SHA-256: another content is another file, and none is ever
 * changed. Any number of processes may unpack at once. Each writes a file of its own and renames it, and what they
 * replace has the same content.
 */
final class UnpackedFile {
    private static final int DIGEST_CHARS = 16;
    private static final String CHOOSE_ANOTHER = "choose another folder with -Dpanllama.cache or PANLLAMA_CACHE";

    private UnpackedFile() {}

    /**
     * The file, written if it is not there or not what it should be.
     *
     * @param name such as {@code model.gguf}
     * @throws IOException naming the file that cannot be written, and the way out
     */
    static Path of(Path folder, String name, byte[] content) throws IOException {
        int dot = name.lastIndexOf('.');
        String digest = sha256(content).substring(0, DIGEST_CHARS);
        Path file = folder.resolve(name.substring(0, dot) + '-' + digest + name.substring(dot));
        try {
            if (!isWhole(file, content)) {
                write(folder, file, content);
                if (!isWhole(file, content)) {
                    throw new IOException("it was written, and reads back differently");
                }
            }
        } catch (IOException e) {
            throw new IOException("cannot unpack %s: %s; %s".formatted(file, e, CHOOSE_ANOTHER), e);
        }
        return file;
    }

    /** Compares all of it: a cut or changed file must not reach whoever maps it. */
    private static boolean isWhole(Path file, byte[] content) throws IOException {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && Files.size(file) == content.length
                && Arrays.equals(Files.readAllBytes(file), content);
    }

    private static void write(Path folder, Path file, byte[] content) throws IOException {
        Files.createDirectories(folder, ownersOnly(folder));
        Path temporary = Files.createTempFile(folder, ".unpacking-", ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static FileAttribute<?>[] ownersOnly(Path folder) {
        return folder.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
