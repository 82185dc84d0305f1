package io.github.panllama.cli;

import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Random models for the tests, written once for each run. */
final class TestModels {
    private static final Path LLAMA = write();

    private TestModels() {}

    static Path llama() {
        return LLAMA;
    }

    private static Path write() {
        try {
            Path file = Files.createTempDirectory("panllama-cli").resolve("llama.gguf");
            SyntheticModel.builder(Architecture.LLAMA).write(file);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
