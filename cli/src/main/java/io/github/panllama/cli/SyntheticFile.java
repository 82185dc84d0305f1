package io.github.panllama.cli;

import io.github.panllama.Llama;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The model that stands in where none is given: tiny, random, written once into the user's cache folder. */
final class SyntheticFile {
    private SyntheticFile() {}

    /** The file, written if it is not there yet. */
    static Path get() throws IOException {
        Path file = Llama.cacheFolder()
                .resolve("models")
                .resolve("synthetic-llama-%s.gguf".formatted(Version.current().replaceAll("[^0-9A-Za-z.-]", "")));
        if (!Files.isRegularFile(file)) {
            Files.createDirectories(file.getParent());
            SyntheticModel.builder(Architecture.LLAMA).write(file);
        }
        return file;
    }
}
