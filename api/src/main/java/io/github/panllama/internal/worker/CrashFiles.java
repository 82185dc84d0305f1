package io.github.panllama.internal.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The last reports of crashed workers, in a folder for their owner alone: they show memory. */
final class CrashFiles {
    private static final int KEPT = 20;
    private static final String PREFIX = "worker-";
    private static final String SUFFIX = ".log";

    private CrashFiles() {}

    /**
     * Keeps a report, and deletes the oldest of too many.
     *
     * @param report a file that may not be there
     * @return where it is now; {@code null} if there is none, or it could not be kept
     */
    static @Nullable Path keep(Path report, Path folder, long pid) {
        if (!Files.exists(report)) {
            return null;
        }
        try {
            createPrivate(folder);
            Path kept = folder.resolve("%s%d-%d%s".formatted(PREFIX, System.currentTimeMillis(), pid, SUFFIX));
            Files.move(report, kept, StandardCopyOption.REPLACE_EXISTING);
            deleteOldest(folder);
            return kept;
        } catch (IOException e) {
            return null;
        }
    }

    private static void createPrivate(Path folder) throws IOException {
        boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        Files.createDirectories(
                folder,
                posix
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                        }
                        : new FileAttribute<?>[0]);
    }

    private static void deleteOldest(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            // Their names begin with the time.
            List<Path> newestFirst = files.filter(CrashFiles::isOurs)
                    .sorted(Comparator.comparing((Path file) -> String.valueOf(file.getFileName()))
                            .reversed())
                    .toList();
            for (Path old : newestFirst.subList(Math.min(KEPT, newestFirst.size()), newestFirst.size())) {
                Files.deleteIfExists(old);
            }
        }
    }

    private static boolean isOurs(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.startsWith(PREFIX) && name.endsWith(SUFFIX);
    }
}
