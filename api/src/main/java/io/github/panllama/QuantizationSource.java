package io.github.panllama;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A model that is to be quantised, as Java read it, and what C would not survive about it. */
final class QuantizationSource {
    static final String OUTPUT = "output.weight";
    private static final List<String> EMBEDDINGS = List.of("token_embd.weight", "per_layer_token_embd.weight");

    private final List<GgufFile> files;
    private final Map<String, GgufTensor> tensors = new LinkedHashMap<>();

    private QuantizationSource(List<GgufFile> files) {
        this.files = files;
        files.forEach(file -> file.tensors().forEach(tensor -> {
            if (tensors.put(tensor.name(), tensor) != null) {
                throw new QuantizationException(
                        "%s has the tensor %s twice".formatted(file.path(), tensor.name()), tensor.name());
            }
            checkShape(tensor);
        }));
    }

    /** Reads a model, all its files. {@code ModelLoadException} says what is wrong with one. */
    static QuantizationSource read(Path first) {
        return new QuantizationSource(
                ModelFiles.check(List.of(first), ModelOptions.defaults()).files());
    }

    List<GgufFile> files() {
        return files;
    }

    Map<String, GgufTensor> tensors() {
        return tensors;
    }

    long bytes() {
        return files.stream().mapToLong(GgufFile::fileSize).sum();
    }

    static boolean isEmbedding(String tensor) {
        return EMBEDDINGS.contains(tensor);
    }

    /** C divides by the size of a row, and takes three dimensions for all. */
    private static void checkShape(GgufTensor tensor) {
        if (tensor.elements() == 0
                || (tensor.shape().size() > 3 && tensor.shape().get(3) > 1)) {
            throw new QuantizationException(
                    "Cannot quantise %s, whose shape is %s: it must have numbers, in at most 3 dimensions"
                            .formatted(tensor.name(), tensor.shape()),
                    tensor.name());
        }
    }

    /** C takes these types as they are, whether rows fit them or not, and aborts. */
    void checkNamedTypes(QuantizationOptions options) {
        checkFit(tensors.get(OUTPUT), options.outputTensorType);
        EMBEDDINGS.forEach(name -> checkFit(tensors.get(name), options.tokenEmbeddingType));
    }

    /**
     * C makes a part when it comes to its first tensor, and writes to all that come before the last: one without tensors
     * is NULL then, and those at the end are never written. The first has the metadata and is always made.
     */
    void checkParts(QuantizationOptions options) {
        if (!options.keepSplit) {
            return;
        }
        for (GgufFile part : files.subList(1, files.size())) {
            if (part.tensors().isEmpty()) {
                throw new QuantizationException(
                        "Cannot keep the parts of %s: %s has no tensors; without keepSplit they become one file"
                                .formatted(files.getFirst().path(), part.path()),
                        null);
            }
        }
    }

    private static void checkFit(@Nullable GgufTensor tensor, @Nullable GgmlType type) {
        if (tensor != null && type != null && tensor.rowLength() % type.blockSize() != 0) {
            throw misfit(tensor.name(), tensor.rowLength(), type);
        }
    }

    /** What to say of a type that was asked for by name and that rows do not fit. */
    static QuantizationException misfit(String tensor, long rowLength, GgmlType type) {
        List<String> fitting = Stream.of(GgmlType.values())
                .filter(QuantizationOptions::canQuantizeTo)
                .filter(other -> rowLength % other.blockSize() == 0)
                .map(GgmlType::ggmlName)
                .toList();
        return new QuantizationException(
                "%s cannot become %s: its rows of %d are not a multiple of %d. What fits them: %s"
                        .formatted(tensor, type.ggmlName(), rowLength, type.blockSize(), String.join(", ", fitting)),
                tensor);
    }
}
