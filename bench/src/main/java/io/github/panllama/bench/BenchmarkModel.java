package io.github.panllama.bench;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The model of the benchmarks: 1.25 million random parameters, small enough that a caller's overhead is visible. */
final class BenchmarkModel implements AutoCloseable {
    private final Path folder;
    private final Path file;

    private BenchmarkModel(Path folder, Path file) {
        this.folder = folder;
        this.file = file;
    }

    static BenchmarkModel write(GgmlType weightType) {
        try {
            Path folder = Files.createTempDirectory("panllama-bench");
            Path file = folder.resolve(weightType + ".gguf");
            SyntheticModel.benchmark()
                    .contextLength(16 * 1024)
                    .weightType(weightType)
                    .write(file);
            return new BenchmarkModel(folder, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path file() {
        return file;
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
