package io.github.panllama.chat;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A random model, and the bundled models' template. */
final class ChatModels {
    private static final Path MODEL = write();

    private ChatModels() {}

    static LlamaModel load() {
        return LlamaModel.load(MODEL, ModelOptions.builder().gpuLayers(0).build());
    }

    /** The template that the bundled models are trained with; its file belongs to the trainer. */
    static String bundledTemplate() throws IOException {
        return Files.readString(Path.of(
                System.getProperty("basedir", "."),
                "../training/src/main/resources/io/github/panllama/training/chat_template.jinja"));
    }

    private static Path write() {
        try {
            Path file = Files.createTempFile("panllama-chat", ".gguf");
            file.toFile().deleteOnExit();
            SyntheticModel.builder(Architecture.LLAMA).write(file);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
