package io.github.panllama.bench.gpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A model's file that is written when it is needed, and deleted afterwards. One that was there before stays. */
final class WrittenFile implements BenchModel.File {
    private final Path file;
    private final Writer writer;
    private boolean written;

    /** Writes a file, whole or not at all. */
    interface Writer {
        void write(Path file) throws IOException;
    }

    WrittenFile(Path file, Writer writer) {
        this.file = file;
        this.writer = writer;
    }

    @Override
    public Path get() throws IOException {
        if (!Files.exists(file)) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            writer.write(file);
            written = true;
            // For a run that is ended by a signal.
            file.toFile().deleteOnExit();
        }
        return file;
    }

    @Override
    public void release() throws IOException {
        if (written) {
            Files.deleteIfExists(file);
            written = false;
        }
    }
}
