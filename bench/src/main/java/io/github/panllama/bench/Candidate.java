package io.github.panllama.bench;

import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A line of a quality table.
 *
 * @param label the first cell
 * @param bytes what it saves bytes of: of the file, or of a token in the KV cache
 * @param file the model
 * @param options it is loaded with
 * @param settings of the contexts that it runs in
 */
record Candidate(String label, long bytes, Path file, ModelOptions options, Consumer<ContextOptions.Builder> settings) {
    LlamaModel load() {
        return LlamaModel.load(file, options);
    }

    /** One compute thread, as in every benchmark, and what the candidate sets. */
    Consumer<ContextOptions.Builder> context() {
        return options -> settings.accept(options.threads(1));
    }
}
