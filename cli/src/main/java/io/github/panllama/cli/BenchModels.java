package io.github.panllama.cli;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The same model, loaded once or several times. */
final class BenchModels implements AutoCloseable {
    private final List<LlamaModel> models = new ArrayList<>();

    private BenchModels() {}

    /**
     * Loads all, or none.
     *
     * @param copies how each of them is loaded, one at least
     */
    static BenchModels load(
            Path file, List<ModelOptions.Builder> copies, Terminal terminal, Interruption interruption) {
        BenchModels loaded = new BenchModels();
        try {
            for (ModelOptions.Builder copy : copies) {
                loaded.models.add(Models.load(file, copy, terminal, interruption));
            }
            return loaded;
        } catch (RuntimeException | Error e) {
            loaded.close();
            throw e;
        }
    }

    List<LlamaModel> all() {
        return List.copyOf(models);
    }

    /** Any of them: what does not depend on the device is the same for all. */
    LlamaModel first() {
        return models.getFirst();
    }

    @Override
    public void close() {
        models.forEach(LlamaModel::close);
    }
}
