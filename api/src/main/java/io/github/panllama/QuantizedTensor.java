package io.github.panllama;

import io.github.panllama.gguf.GgmlType;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What quantising does to one tensor.
 *
 * @param name its name
 * @param shape its dimensions, the length of a row first
 * @param from the type it has
 * @param to the type it gets; the same for a tensor that is copied
 * @param bytesBefore its size as it is, in bytes
 * @param bytesAfter its size afterwards, in bytes
 * @param fallbackFrom the type that was meant for it, where its rows do not fit that type's blocks
 */
public record QuantizedTensor(
        String name,
        List<Long> shape,
        GgmlType from,
        GgmlType to,
        long bytesBefore,
        long bytesAfter,
        Optional<GgmlType> fallbackFrom) {
    /** Copies the shape and refuses {@code null}. */
    public QuantizedTensor {
        Objects.requireNonNull(name, "name");
        shape = List.copyOf(shape);
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        Objects.requireNonNull(fallbackFrom, "fallbackFrom");
    }

    /**
     * How many numbers it holds.
     *
     * @throws ArithmeticException if that does not fit a {@code long}, as no file's does
     */
    public long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** The length of its rows, which its type's blocks must divide. */
    public long rowLength() {
        return shape.isEmpty() ? 1 : shape.getFirst();
    }

    /** Whether its numbers are stored anew; else its bytes are copied. */
    public boolean isConverted() {
        return from != to;
    }
}
