package io.github.panllama;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;

/** Who may change a model's file while it is mapped. A mapped file that becomes shorter ends the process by SIGBUS. */
final class FilePermissions {
    private FilePermissions() {}

    /**
     * Whether somebody else than its owner may write to a file: all others, or a group that is not the owner's own. Where
     * the file system does not tell, nobody may.
     */
    static boolean othersMayWrite(Path file) {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return false;
        }
        try {
            PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
            boolean shared =
                    !attributes.group().getName().equals(attributes.owner().getName());
            return attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)
                    || (shared && attributes.permissions().contains(PosixFilePermission.GROUP_WRITE));
        } catch (IOException e) {
            return false; // the load says more about it
        }
    }
}
