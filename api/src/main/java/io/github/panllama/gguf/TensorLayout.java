package io.github.panllama.gguf;

import org.jspecify.annotations.Nullable;

/** Follows the tensors of a file and refuses one whose data is not right behind the last one's and inside the file. */
final class TensorLayout {
    private final HeaderInput in;
    private final int alignment;
    private long expectedOffset;
    private long end;
    private @Nullable String lastName;

    TensorLayout(HeaderInput in, int alignment) {
        this.in = in;
        this.alignment = alignment;
    }

    /** Rounds a size up to the alignment, a power of two. */
    static long pad(long size, int alignment) {
        return Math.addExact(size, alignment - 1L) & -alignment;
    }

    /** Takes the tensor whose description has just been read; its offset was the last field. */
    GgufTensor next(GgufTensor tensor) {
        long at = in.position() - Long.BYTES;
        if (tensor.offset() != expectedOffset) {
            throw in.invalid(
                    "the data begins at " + Long.toUnsignedString(tensor.offset()) + ", expected " + expectedOffset
                            + " (right behind the previous tensor, aligned to " + alignment + ")",
                    at);
        }
        try {
            end = Math.addExact(tensor.offset(), tensor.byteSize());
            expectedOffset = pad(end, alignment);
        } catch (ArithmeticException e) {
            throw in.invalid("the data ends beyond 63 bits", at);
        }
        lastName = tensor.name();
        if (end > in.fileSize()) { // early, so that the message names the tensor
            throw in.invalid("the data ends at " + end + " of the data section, the file has " + in.fileSize(), at);
        }
        return tensor;
    }

    /** Ends the descriptions and answers where the data section begins. */
    long finish() {
        long at = in.position();
        if (lastName == null) {
            return at;
        }
        long dataOffset = pad(at, alignment);
        if (dataOffset > in.fileSize() || end > in.fileSize() - dataOffset) {
            in.enter(lastName);
            throw in.invalid(
                    "the file is truncated: tensor data ends at " + (dataOffset + end) + ", the file at "
                            + in.fileSize(),
                    at);
        }
        return dataOffset;
    }
}
