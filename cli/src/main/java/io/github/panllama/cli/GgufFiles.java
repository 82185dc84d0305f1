package io.github.panllama.cli;

import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.InvalidGgufException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads and writes GGUF files for commands. */
final class GgufFiles {
    /** Work on files that may fail. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    private GgufFiles() {}

    static GgufFile read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FailureException(file + ": is a folder");
        }
        try {
            return GgufFile.read(file);
        } catch (InvalidGgufException e) {
            throw new FailureException("%s: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** Does work that Ctrl-C ends, leaving nothing behind. */
    static int write(Path file, Work work) throws IOException {
        Thread writer = Thread.currentThread();
        try (Interruption interruption = Interruption.watch()) {
            return interruption.during(writer::interrupt, () -> {
                try {
                    work.run();
                    return ExitCode.SUCCESS;
                } catch (ClosedByInterruptException e) {
                    return ExitCode.FAILURE; // the process is ending
                } catch (InvalidGgufException e) {
                    throw new FailureException("%s: %s".formatted(file, e.getMessage()), e);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
