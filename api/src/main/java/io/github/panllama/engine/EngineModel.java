package io.github.panllama.engine;

import io.github.panllama.LlamaModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * What an engine's model is, also where the model itself is in another process.
 *
 * @param files that it was loaded from
 * @param architecture its family: {@link LlamaModel#architecture}
 * @param description architecture, size and type in one line
 * @param fileType the type of most weights, such as {@code Q8_0}
 * @param parameterCount how many parameters it has
 * @param sizeInBytes of all tensors
 * @param vocabularySize number of tokens in the vocabulary; ids are below it
 * @param trainingContextSize the longest sequence that it was trained on, in tokens
 * @param fingerprint tells it from others: {@link LlamaModel#fingerprint}
 */
public record EngineModel(
        List<Path> files,
        String architecture,
        String description,
        String fileType,
        long parameterCount,
        long sizeInBytes,
        int vocabularySize,
        int trainingContextSize,
        String fingerprint) {
    /** Copies the list, and refuses {@code null}. */
    public EngineModel {
        files = List.copyOf(files);
        Objects.requireNonNull(architecture, "architecture");
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(fileType, "fileType");
        Objects.requireNonNull(fingerprint, "fingerprint");
    }

    static EngineModel of(LlamaModel model) {
        return new EngineModel(
                model.files(),
                model.architecture(),
                model.description(),
                model.fileType(),
                model.parameterCount(),
                model.sizeInBytes(),
                model.vocabularySize(),
                model.trainingContextSize(),
                model.fingerprint());
    }
}
