package io.github.panllama;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import java.util.List;

/** The number formats that llama.cpp can compute with; it calls no function at all for others, and dies. */
final class WeightTypes {
    private WeightTypes() {}

    /** {@code ModelLoadException} names the tensor and its type. */
    static void check(GgufFile file, GgufTensor tensor) {
        // Norms and biases are added and multiplied as they are.
        boolean vector = tensor.shape().size() == 1;
        if (vector ? tensor.type() != GgmlType.F32 && !isTable(tensor) : !isMatrix(tensor)) {
            throw new ModelLoadException(
                    "Cannot load %s: tensor %s has the type %s, which cannot be computed with"
                            .formatted(file.path(), tensor.name(), tensor.type().ggmlName()),
                    List.of());
        }
    }

    private static boolean isMatrix(GgufTensor tensor) {
        return switch (tensor.type()) {
            case F32, F16, BF16 -> true;
            // Formats of intermediate results.
            case Q8_1, Q8_K -> false;
            default -> tensor.type().isQuantized() || isTable(tensor);
        };
    }

    /** Ids of experts by token, in models that route by a table. */
    private static boolean isTable(GgufTensor tensor) {
        return tensor.type() == GgmlType.I32 && tensor.name().contains("tid2eid");
    }
}
