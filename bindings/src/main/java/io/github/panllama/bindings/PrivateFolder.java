package io.github.panllama.bindings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Folders of one user's own. What native code gets to see from a folder is as good as whoever can write there, and what
 * people said to a model is nobody else's business.
 */
public final class PrivateFolder {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final Path PROCESS = Path.of("/proc/self");
    private static final Integer ROOT = 0;
    private static final String UNKNOWN = "?";
    /** In such a folder, everybody may only replace what is their own. */
    private static final int STICKY = 01000;

    private PrivateFolder() {}

    /**
     * Makes a folder, and those above it that are not there, for their owner alone. A folder that is there stays as it is.
     *
     * @throws IOException if it cannot be made
     */
    public static void create(Path folder) throws IOException {
        Files.createDirectories(folder, attributes(folder));
    }

    /** What a new folder at this place needs in order to be its owner's alone; nothing where there are no permissions. */
    static FileAttribute<?>[] attributes(Path folder) {
        return isPosix(folder)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
    }

    /** Whether everybody on the machine may put files into a folder. */
    static boolean isOpenToAll(Path folder) throws IOException {
        return isPosix(folder) && Files.getPosixFilePermissions(folder).contains(PosixFilePermission.OTHERS_WRITE);
    }

    /**
     * Says who else may change a folder: its group, everybody, whoever made the link to it, or an owner that is neither
     * this process's user nor root.
     *
     * @return {@code null} where nobody else may
     * @throws IOException if its permissions cannot be read
     */
    public static @Nullable String fault(Path folder) throws IOException {
        if (!isPosix(folder)) {
            return null;
        }
        if (Files.isSymbolicLink(folder)) {
            return folder + " is a link";
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
        if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            return "others may write to %s (%s)".formatted(folder, PosixFilePermissions.toString(permissions));
        }
        return belongsToAnother(folder)
                ? "%s belongs to %s".formatted(folder, Files.getOwner(folder).getName())
                : null;
    }

    /**
     * Whether a file or folder, or what a link leads to, belongs to neither this process's user nor root.
     *
     * @throws IOException if its owner cannot be read
     */
    public static boolean belongsToAnother(Path path) throws IOException {
        return isPosix(path)
                && !isTrusted(
                        Files.getOwner(path).getName(),
                        userNumber(path),
                        System.getProperty("user.name", UNKNOWN),
                        userNumber(PROCESS));
    }

    /**
     * Whether an owner is root or this process's user. A user without a name is known by the number alone, and a process
     * that nobody may look at seems to be root's.
     */
    static boolean isTrusted(String owner, @Nullable Object ownerNumber, String user, @Nullable Object processNumber) {
        if (ownerNumber == null || (processNumber == null && user.equals(UNKNOWN))) {
            return true;
        }
        return owner.equals(user) || ownerNumber.equals(ROOT) || ownerNumber.equals(processNumber);
    }

    private static @Nullable Object userNumber(Path path) throws IOException {
        boolean known = path.getFileSystem().supportedFileAttributeViews().contains("unix") && Files.exists(path);
        return known ? Files.getAttribute(path, "unix:uid") : null;
    }

    /** Whether anybody may put something else in the place of what is in a folder. */
    static boolean isExchangeable(Path folder) throws IOException {
        boolean sticky = folder.getFileSystem().supportedFileAttributeViews().contains("unix")
                && ((Integer) Files.getAttribute(folder, "unix:mode") & STICKY) != 0;
        return isOpenToAll(folder) && !sticky;
    }

    static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
