package io.github.panllama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.InvalidGgufException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How much each column of each tensor matters, as C takes it: for every expert of a tensor, one average of squares for
 * each number of a row. Kept outside the Java heap, as long as the arena lives.
 */
final class ImportanceMatrix {
    /** Far above any average of squares; where sums of such overflow, C asserts. */
    private static final float MAX_VALUE = 1e12f;

    private static final int GGUF_MAGIC = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;

    private final Path file;
    private final Map<String, MemorySegment> entries = new LinkedHashMap<>();

    ImportanceMatrix(Path file) {
        this.file = file;
    }

    /** Reads a file of either format. {@code QuantizationException} says what is wrong with it. */
    static ImportanceMatrix read(Path file, Arena arena) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer magic = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            while (magic.hasRemaining() && channel.read(magic, magic.position()) > 0) {}
            if (magic.hasRemaining()) {
                throw refused(file, "it has %d bytes".formatted(channel.size()));
            }
            return magic.getInt(0) == GGUF_MAGIC
                    ? ImportanceFiles.readGguf(file, channel, arena)
                    : ImportanceFiles.readLegacy(file, channel, arena);
        } catch (InvalidGgufException e) {
            QuantizationException refused = refused(file, String.valueOf(e.getMessage()));
            refused.initCause(e);
            throw refused;
        }
    }

    static QuantizationException refused(Path file, String reason) {
        return new QuantizationException("Cannot read the importance matrix %s: %s".formatted(file, reason), null);
    }

    Map<String, MemorySegment> entries() {
        return entries;
    }

    /** The number of values for a tensor; 0 if there are none. */
    long length(String tensor) {
        MemorySegment values = entries.get(tensor);
        return values == null ? 0 : values.byteSize() / Float.BYTES;
    }

    /** One value for each number of a row, for each expert. */
    static long lengthFor(List<Long> shape) {
        return shape.getFirst() * (shape.size() > 2 ? shape.get(2) : 1);
    }

    /** A matrix of another model would be passed over in silence, or refused by C half way. */
    void check(QuantizationSource source) {
        boolean any = false;
        for (GgufTensor tensor : source.tensors().values()) {
            long length = length(tensor.name());
            any |= length > 0;
            if (length > 0 && length != lengthFor(tensor.shape()) && !QuantizationSource.isEmbedding(tensor.name())) {
                throw refused(
                        file,
                        "it has %d values for %s, which needs %d: it is of another model"
                                .formatted(length, tensor.name(), lengthFor(tensor.shape())));
            }
        }
        if (!any) {
            throw refused(
                    file,
                    "it has nothing about this model's tensors, but about "
                            + QuantizationPlanner.examples(List.copyOf(entries.keySet())));
        }
    }

    /** Takes the values of one tensor, which C must be able to calculate with. */
    void put(String tensor, MemorySegment values) {
        for (long i = 0; i < values.byteSize() / Float.BYTES; i++) {
            float value = values.getAtIndex(JAVA_FLOAT, i);
            if (!(value >= 0 && value <= MAX_VALUE)) {
                throw refused(
                        file,
                        "value %d of %s is %s, must be a finite number, not negative".formatted(i, tensor, value));
            }
        }
        if (entries.put(tensor, values) != null) {
            throw refused(file, "it has %s twice".formatted(tensor));
        }
    }
}
