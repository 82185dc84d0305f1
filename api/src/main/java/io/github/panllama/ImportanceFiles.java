package io.github.panllama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The two formats of files with importance matrices. */
final class ImportanceFiles {
    private static final String SUMS = ".in_sum2";
    private static final String COUNTS = ".counts";
    private static final int MAX_NAME_BYTES = 1 << 10;

    private final Path file;
    private final FileChannel channel;
    private final ImportanceMatrix matrix;
    private final Arena arena;

    private ImportanceFiles(Path file, FileChannel channel, Arena arena) {
        this.file = file;
        this.channel = channel;
        this.matrix = new ImportanceMatrix(file);
        this.arena = arena;
    }

    static ImportanceMatrix readGguf(Path file, FileChannel channel, Arena arena) throws IOException {
        return new ImportanceFiles(file, channel, arena).gguf();
    }

    static ImportanceMatrix readLegacy(Path file, FileChannel channel, Arena arena) throws IOException {
        return new ImportanceFiles(file, channel, arena).legacy();
    }

    /** For each tensor the sums of squares, and how many rows were summed, for every expert. */
    private ImportanceMatrix gguf() throws IOException {
        GgufFile gguf = GgufFile.read(file);
        for (GgufTensor sums : gguf.tensors()) {
            if (!sums.name().endsWith(SUMS)) {
                continue;
            }
            String name = sums.name().substring(0, sums.name().length() - SUMS.length());
            GgufTensor counts = gguf.tensor(name + COUNTS)
                    .orElseThrow(() -> ImportanceMatrix.refused(file, "it has no counts for " + name));
            if (sums.type() != GgmlType.F32 || counts.type() != GgmlType.F32) {
                throw ImportanceMatrix.refused(file, "%s is not of the type f32".formatted(name));
            }
            long groups = counts.elements();
            if (groups == 0 || sums.elements() == 0 || sums.elements() % groups != 0) {
                throw ImportanceMatrix.refused(
                        file, "%s has %d sums and %d counts".formatted(name, sums.elements(), groups));
            }
            MemorySegment values = floats(gguf.dataOffset() + sums.offset(), sums.elements());
            average(values, floats(gguf.dataOffset() + counts.offset(), groups));
            matrix.put(name, values);
        }
        if (matrix.entries().isEmpty()) {
            throw ImportanceMatrix.refused(file, "it has no tensor whose name ends in " + SUMS);
        }
        return matrix;
    }

    /** What was never used counts as 1, all columns alike. */
    private static void average(MemorySegment values, MemorySegment counts) {
        long groups = counts.byteSize() / Float.BYTES;
        long length = values.byteSize() / Float.BYTES / groups;
        for (long group = 0; group < groups; group++) {
            float count = Math.round(counts.getAtIndex(JAVA_FLOAT, group));
            for (long i = group * length; i < (group + 1) * length; i++) {
                values.setAtIndex(JAVA_FLOAT, i, count > 0 ? values.getAtIndex(JAVA_FLOAT, i) / count : 1);
            }
        }
    }

    /** A number of entries; for each its name, the number of calls, and as many sums as it says. */
    private ImportanceMatrix legacy() throws IOException {
        long[] position = {0};
        int count = number(position, "number of entries", Integer.MAX_VALUE);
        for (int i = 0; i < count; i++) {
            byte[] name = new byte[number(position, "length of a name", MAX_NAME_BYTES)];
            read(ByteBuffer.wrap(name), position[0]);
            position[0] += name.length;
            String tensor = new String(name, StandardCharsets.UTF_8);
            int calls = int32(position[0]);
            position[0] += Integer.BYTES;
            int length = number(position, "number of values of " + tensor, Integer.MAX_VALUE / Float.BYTES);
            MemorySegment values = floats(position[0], length);
            position[0] += values.byteSize();
            for (long at = 0; calls > 0 && at < length; at++) {
                values.setAtIndex(JAVA_FLOAT, at, values.getAtIndex(JAVA_FLOAT, at) / calls);
            }
            matrix.put(tensor, values);
        }
        return matrix;
    }

    private int number(long[] position, String what, int max) throws IOException {
        int value = int32(position[0]);
        // Each counted thing has a byte at least.
        if (value < 1 || value > max || value > channel.size() - position[0]) {
            throw ImportanceMatrix.refused(
                    file, "it is no GGUF file, and the %s is %d, at byte %d".formatted(what, value, position[0]));
        }
        position[0] += Integer.BYTES;
        return value;
    }

    private int int32(long position) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        read(bytes, position);
        return bytes.getInt(0);
    }

    private MemorySegment floats(long position, long count) throws IOException {
        if (count > Integer.MAX_VALUE / Float.BYTES || position + count * Float.BYTES > channel.size()) {
            throw ImportanceMatrix.refused(
                    file, "it ends at byte %d, and has %d numbers at %d".formatted(channel.size(), count, position));
        }
        MemorySegment floats = arena.allocate(JAVA_FLOAT, count);
        read(floats.asByteBuffer(), position);
        return floats;
    }

    private void read(ByteBuffer bytes, long position) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw ImportanceMatrix.refused(file, "it ends inside a value, at byte " + channel.size());
            }
        }
    }
}
