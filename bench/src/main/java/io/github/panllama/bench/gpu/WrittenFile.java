package io.github.panllama.bench.gpu;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A model's file that is written when it is needed, and deleted afterwards. One that was there before stays, unless it is
 * left from a run that was killed: a mark beside it tells that it was written here.
 */
final class WrittenFile implements BenchModel.File {
    private static final String MARK = ".written-by-run-bench";
    /** How the end of a name begins under which a model is written until it is whole. */
    private static final String PART = ".part-";

    private final Path file;
    private final Path mark;
    private final Writer writer;

    /** Writes a file, whole or not at all. */
    interface Writer {
        void write(Path file) throws IOException;
    }

    WrittenFile(Path file, Writer writer) {
        this.file = file;
        this.mark = file.resolveSibling(file.getFileName() + MARK);
        this.writer = writer;
    }

    @Override
    public Path get() throws IOException {
        if (!Files.exists(file)) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            deleteUnfinished();
            Files.writeString(mark, "delete it together with the model");
            try {
                writer.write(file);
            } finally {
                if (!Files.exists(file)) {
                    Files.deleteIfExists(mark);
                }
            }
        }
        return file;
    }

    /** What a run that was killed while it wrote has left, which may be most of a model. */
    private void deleteUnfinished() throws IOException {
        if (!Files.exists(mark)) {
            return;
        }
        Path folder = file.toAbsolutePath().getParent();
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(
                folder, part -> part.getFileName().toString().startsWith(file.getFileName() + PART))) {
            for (Path part : parts) {
                Files.deleteIfExists(part);
            }
        }
    }

    @Override
    public void release() throws IOException {
        if (Files.exists(mark)) {
            deleteUnfinished();
            Files.deleteIfExists(file);
            Files.deleteIfExists(mark);
        }
    }
}
