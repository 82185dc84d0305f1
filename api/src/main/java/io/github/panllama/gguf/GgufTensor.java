package io.github.panllama.gguf;

import java.util.List;
import java.util.Objects;

/**
 * What a GGUF file says about one tensor.
 *
 * @param name the name, such as {@code blk.0.attn_q.weight}
 * @param shape the dimensions as ggml orders them: the first is the length of a row, whose numbers lie side by side
 * @param type how its numbers are stored
 * @param offset where its data begins, in bytes from {@link GgufFile#dataOffset()}
 * @param byteSize the size of its data in bytes, without padding
 */
public record GgufTensor(String name, List<Long> shape, GgmlType type, long offset, long byteSize) {
    /** The most dimensions that ggml knows. */
    public static final int MAX_DIMENSIONS = 4;

    /** The longest name that ggml takes, in bytes of UTF-8. */
    public static final int MAX_NAME_BYTES = 63;

    /** Copies the shape. */
    public GgufTensor {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        shape = List.copyOf(shape);
    }

    /**
     * Describes a tensor whose size follows from its shape.
     *
     * @param name the name
     * @param shape up to four dimensions, none negative, the first a multiple of the type's block size
     * @param type how its numbers are stored
     * @param offset where its data begins in the data section, in bytes
     * @return the description
     * @throws IllegalArgumentException if the shape breaks those rules
     * @throws ArithmeticException if the number of elements or bytes does not fit a {@code long}
     */
    static GgufTensor of(String name, List<Long> shape, GgmlType type, long offset) {
        if (shape.size() > MAX_DIMENSIONS) {
            throw new IllegalArgumentException(shape.size() + " dimensions, at most " + MAX_DIMENSIONS);
        }
        long elements = 1;
        boolean empty = false;
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new IllegalArgumentException("dimension " + dimension + " is negative");
            }
            empty |= dimension == 0;
            elements = Math.multiplyExact(elements, Math.max(1, dimension)); // a later 0 must not hide an overflow
        }
        long rowLength = shape.isEmpty() ? 1 : shape.getFirst();
        if (rowLength % type.blockSize() != 0) {
            throw new IllegalArgumentException("rows of " + rowLength + " are not a multiple of " + type.ggmlName()
                    + "'s block of " + type.blockSize());
        }
        long byteSize = empty ? 0 : type.byteSize(elements);
        return new GgufTensor(name, shape, type, offset, byteSize);
    }

    /**
     * How many numbers it holds.
     *
     * @return the product of the dimensions
     * @throws ArithmeticException if that does not fit a {@code long}, as no file's does
     */
    public long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /**
     * The length of a row.
     *
     * @return the first dimension; 1 for a tensor without dimensions
     */
    public long rowLength() {
        return shape.isEmpty() ? 1 : shape.getFirst();
    }

    /**
     * How many rows it has.
     *
     * @return the product of all dimensions but the first
     * @throws ArithmeticException if that does not fit a {@code long}, as no file's does
     */
    public long rows() {
        return shape.stream().skip(1).reduce(1L, Math::multiplyExact);
    }
}
