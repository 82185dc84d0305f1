package io.github.panllama;

import io.github.panllama.bindings.PrivateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;

/** Who may change a model's file while it is mapped. A mapped file that becomes shorter ends the process by SIGBUS. */
final class FilePermissions {
    private FilePermissions() {}

    /**
     * Whether somebody else than this process's user and root may write to a file: all others, a group that is not the
     * owner's own, or an owner who is another. Where the file system does not tell, nobody may.
     */
    static boolean othersMayWrite(Path file) {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return false;
        }
        try {
            PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
            return othersMayWrite(attributes, PrivateFolder.belongsToAnother(file));
        } catch (IOException e) {
            return false; // the load says more about it
        }
    }

    static boolean othersMayWrite(PosixFileAttributes attributes, boolean belongsToAnother) {
        boolean shared = !attributes.group().getName().equals(attributes.owner().getName());
        return belongsToAnother
                || attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)
                || (shared && attributes.permissions().contains(PosixFilePermission.GROUP_WRITE));
    }
}
