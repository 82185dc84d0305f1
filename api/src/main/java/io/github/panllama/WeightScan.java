package io.github.panllama;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.channels.FileChannel;
import java.util.EnumSet;
import java.util.Set;

/**
 * Looks for weights so large that their squares overflow. The code books search for the nearest entry, and C asserts
 * that there is one; for other types it notices by itself that the result is no number.
 */
final class WeightScan {
    /** Far above any model's weights, and above what the 16-bit scales of a code book can reach. */
    private static final float LIMIT = 1e7f;

    private static final Set<GgmlType> CODE_BOOKS = EnumSet.of(
            GgmlType.IQ1_S,
            GgmlType.IQ1_M,
            GgmlType.IQ2_XXS,
            GgmlType.IQ2_XS,
            GgmlType.IQ2_S,
            GgmlType.IQ3_XXS,
            GgmlType.IQ3_S);

    private static final int BUFFER_BYTES = 1 << 20;

    private WeightScan() {}

    /** Reads the tensors that get a code book and could hold such weights, whole. */
    static void check(QuantizationSource source, QuantizationPlan plan) throws IOException {
        for (QuantizedTensor planned : plan.tensors()) {
            boolean wide = planned.from() == GgmlType.F32 || planned.from() == GgmlType.BF16;
            if (wide && CODE_BOOKS.contains(planned.to())) {
                for (GgufFile file : source.files()) {
                    GgufTensor tensor = file.tensor(planned.name()).orElse(null);
                    if (tensor != null) {
                        check(file, tensor, planned.to());
                    }
                }
            }
        }
    }

    private static void check(GgufFile file, GgufTensor tensor, GgmlType to) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int limit = Float.floatToRawIntBits(LIMIT);
        try (FileChannel channel = FileChannel.open(file.path())) {
            long position = file.dataOffset() + tensor.offset();
            long end = position + tensor.byteSize();
            while (position < end) {
                buffer.clear().limit((int) Math.min(BUFFER_BYTES, end - position));
                while (buffer.hasRemaining()) {
                    if (channel.read(buffer, position + buffer.position()) < 0) {
                        throw new IOException(file.path() + " has become shorter");
                    }
                }
                position += buffer.flip().limit();
                if (largest(buffer, tensor.type()) > limit) {
                    throw new QuantizationException(
                            "%s has weights above %s or that are no numbers, and cannot become %s"
                                    .formatted(tensor.name(), LIMIT, to.ggmlName()),
                            tensor.name());
                }
            }
        }
    }

    /** The largest magnitude, as the bits of a float, which are in the same order. */
    private static int largest(ByteBuffer bytes, GgmlType type) {
        int largest = 0;
        if (type == GgmlType.BF16 && bytes.remaining() % Integer.BYTES != 0) {
            largest = (bytes.getShort(bytes.limit() - Short.BYTES) & 0x7fff) << Short.SIZE;
        }
        IntBuffer ints = bytes.asIntBuffer();
        for (int i = 0; i < ints.limit(); i++) {
            int bits = ints.get(i);
            largest = Math.max(largest, bits & 0x7fffffff);
            if (type == GgmlType.BF16) {
                largest = Math.max(largest, (bits << Short.SIZE) & 0x7fffffff);
            }
        }
        return largest;
    }
}
