package io.github.panllama;

import io.github.panllama.gguf.GgmlType;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What quantising a model will do, tensor by tensor, and how large the result will be. Nothing has been written.
 *
 * @param type what the model is quantised to
 * @param tensors every tensor, in the order in which they are converted
 * @param bytesBefore the size of the model's files, in bytes
 * @param bytesAfter the exact size of the files that will be written, in bytes
 * @param missingImportance tensors that cannot be quantised as planned without an importance matrix; empty when there is
 *     nothing in the way
 */
public record QuantizationPlan(
        QuantizationType type,
        List<QuantizedTensor> tensors,
        long bytesBefore,
        long bytesAfter,
        List<String> missingImportance) {
    /** Copies the lists and refuses {@code null}. */
    public QuantizationPlan {
        Objects.requireNonNull(type, "type");
        tensors = List.copyOf(tensors);
        missingImportance = List.copyOf(missingImportance);
    }

    /** How many numbers the model has. */
    public long parameters() {
        return tensors.stream().mapToLong(QuantizedTensor::elements).sum();
    }

    /** Bits of tensor data for each number of the model, afterwards; without metadata and padding. */
    public double bitsPerWeight() {
        long bytes = tensors.stream().mapToLong(QuantizedTensor::bytesAfter).sum();
        return parameters() == 0 ? 0 : (double) Byte.SIZE * bytes / parameters();
    }

    /** How many tensors each type will have. */
    public Map<GgmlType, Integer> tensorsByType() {
        Map<GgmlType, Integer> counts = new EnumMap<>(GgmlType.class);
        tensors.forEach(tensor -> counts.merge(tensor.to(), 1, Integer::sum));
        return counts;
    }

    /** Tensors whose rows do not fit the type meant for them, and which get another. */
    public List<QuantizedTensor> fallbacks() {
        return tensors.stream()
                .filter(tensor -> tensor.fallbackFrom().isPresent())
                .toList();
    }
}
