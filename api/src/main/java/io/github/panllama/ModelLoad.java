package io.github.panllama;

import static java.lang.foreign.ValueLayout.ADDRESS;

import io.github.panllama.bindings.NativeLog;
import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.gen.llama_model_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/** Has C load the files of a model that Java has checked. */
final class ModelLoad {
    private ModelLoad() {}

    /**
     * Loads them.
     *
     * @param withMemory whether for the weights too; without, the model can be asked, and cannot compute
     */
    static Handle load(ModelFiles files, ModelOptions options, int gpuLayers, boolean withMemory) {
        try (Arena arena = Arena.ofConfined();
                NativeLog.Capture log = NativeLog.capture();
                LoadProgress progress = new LoadProgress(withMemory ? options.progress : null)) {
            MemorySegment params = ModelParams.of(options, gpuLayers, files, progress.upcall(), arena);
            if (!withMemory) {
                llama_model_params.no_alloc(params, true);
                llama_model_params.load_mode(params, LlamaC.LLAMA_LOAD_MODE_NONE());
            }
            List<Path> parts = files.paths();
            MemorySegment paths = arena.allocate(ADDRESS, parts.size());
            for (int i = 0; i < parts.size(); i++) {
                paths.setAtIndex(ADDRESS, i, arena.allocateFrom(parts.get(i).toString()));
            }
            MemorySegment out = arena.allocate(ADDRESS);
            int status = LlamaC.panllama_model_load(paths, parts.size(), params, out);
            if (status != LlamaC.PANLLAMA_OK()) {
                progress.rethrow(files.name());
                throw new ModelLoadException(
                        "Cannot load %s: %s".formatted(files.name(), Natives.lastError()), log.lines());
            }
            return Handle.adopt("The model " + files.name(), out.get(ADDRESS, 0), LlamaC::panllama_model_free);
        }
    }
}
