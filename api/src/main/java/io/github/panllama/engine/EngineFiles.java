package io.github.panllama.engine;

import io.github.panllama.LlamaModel;
import io.github.panllama.LoraAdapter;
import io.github.panllama.ModelOptions;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an engine loads beside its model, so that requests can ask for it: adapters by their names, and a draft model.
 *
 * <p><b>Threads.</b> Any.
 */
final class EngineFiles implements AutoCloseable {
    private final Map<LlamaModel, Map<String, LoraAdapter>> adapters = new HashMap<>();
    private @Nullable LlamaModel draftModel;

    private EngineFiles() {}

    /**
     * Loads all of it, or nothing.
     *
     * @param models those of the engine; each gets the adapters for itself
     */
    static EngineFiles load(List<LlamaModel> models, EngineOptions options) {
        EngineFiles files = new EngineFiles();
        try {
            for (LlamaModel model : models) {
                Map<String, LoraAdapter> own = files.adapters.computeIfAbsent(model, _ -> new HashMap<>());
                for (Map.Entry<String, Path> adapter : options.adapters.entrySet()) {
                    if (!own.containsKey(adapter.getKey())) {
                        own.put(adapter.getKey(), LoraAdapter.load(model, adapter.getValue()));
                    }
                }
            }
            if (options.draftModel != null) {
                int layers = models.getFirst().isOffloaded() ? ModelOptions.ALL_LAYERS : 0;
                files.draftModel = LlamaModel.load(
                        options.draftModel,
                        ModelOptions.builder().gpuLayers(layers).build());
            }
            return files;
        } catch (RuntimeException | Error e) {
            files.close();
            throw e;
        }
    }

    /**
     * Refuses a request for what is not there.
     *
     * @throws IllegalArgumentException if it names an adapter that the engine does not have
     * @throws UnsupportedOperationException if it wants a draft model, and there is none
     */
    void check(CompletionRequest request) {
        Map<String, LoraAdapter> known = adapters.values().iterator().next();
        for (String name : request.namedAdapters.keySet()) {
            if (!known.containsKey(name)) {
                throw new IllegalArgumentException(
                        "The engine has no adapter named %s, but %s: see adapter() of EngineOptions"
                                .formatted(name, known.isEmpty() ? "none" : String.join(", ", known.keySet())));
            }
        }
        if (request.speculation != null && request.speculation.isByTheEnginesDraftModel() && draftModel == null) {
            throw new UnsupportedOperationException("The engine was started without draftModel() in its options");
        }
    }

    /** A request that says what it asks for by what was loaded for a model. */
    CompletionRequest resolve(CompletionRequest request, LlamaModel model) {
        Speculation speculation = request.speculation;
        if (speculation != null && speculation.isByTheEnginesDraftModel()) {
            speculation = Speculation.draftModel(
                    Objects.requireNonNull(draftModel), speculation.mostTokens, speculation.leastProbability);
        }
        if (request.namedAdapters.isEmpty() && speculation == request.speculation) {
            return request;
        }
        Map<LoraAdapter, Float> all = new HashMap<>(request.adapters);
        Map<String, LoraAdapter> own = Objects.requireNonNull(adapters.get(model));
        request.namedAdapters.forEach((name, scale) -> all.put(Objects.requireNonNull(own.get(name)), scale));
        return request.with(all, speculation);
    }

    /** Frees it. Not while anything computes with it. */
    @Override
    public void close() {
        adapters.values().forEach(own -> own.values().forEach(LoraAdapter::close));
        if (draftModel != null) {
            draftModel.close();
        }
    }
}
