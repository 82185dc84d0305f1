package io.github.panllama.cli;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import java.nio.file.Path;

/** Loads models with a progress bar, and stops when the process shall end. */
final class Models {
    private Models() {}

    static LlamaModel load(Path file, ModelOptions.Builder options, Terminal terminal, Interruption interruption) {
        try (ProgressBar bar = new ProgressBar(terminal, String.valueOf(file.getFileName()))) {
            return LlamaModel.load(
                    file,
                    options.progress(fraction -> {
                                bar.show(fraction);
                                return !interruption.isRequested();
                            })
                            .build());
        }
    }

    /** The vocabulary alone, for tokenizing: weights stay on disk. */
    static LlamaModel loadVocabulary(Path file) {
        return LlamaModel.load(file, ModelOptions.builder().vocabularyOnly(true).build());
    }
}
