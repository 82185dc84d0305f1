package io.github.panllama;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.panllama.fuzz.Allocation;
import io.github.panllama.fuzz.Expect;
import io.github.panllama.fuzz.FuzzTarget;
import io.github.panllama.fuzz.SparseFile;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The reader of importance matrices, of both formats. */
public final class ImportanceTarget implements FuzzTarget {
    private static final long BASE = 4L << 20;
    private static final int BYTES_PER_BYTE = 256;

    private @Nullable Path file;

    @Override
    public void run(byte[] input) throws Exception {
        SparseFile sparse = SparseFile.describedBy(input);
        Path path = file();
        sparse.write(path);
        Allocation.atMost(BASE + BYTES_PER_BYTE * sparse.size(), () -> read(path, sparse.size()));
    }

    private static boolean read(Path path, long size) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            ImportanceMatrix matrix = ImportanceMatrix.read(path, arena);
            long bytes = 0;
            for (MemorySegment values : matrix.entries().values()) {
                bytes += values.byteSize();
                for (long i = 0; i < values.byteSize() / Float.BYTES; i++) {
                    float value = values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                    Expect.that(value >= 0 && Float.isFinite(value), "native code can calculate with it");
                }
            }
            Expect.that(bytes <= size, "no more values than the file has");
            return true;
        } catch (QuantizationException e) {
            Expect.that(e.getMessage() != null, "it says why");
            return false;
        }
    }

    private Path file() throws IOException {
        if (file == null) {
            file = Files.createTempFile("panllama-fuzz", ".imatrix");
            file.toFile().deleteOnExit();
        }
        return file;
    }

    @Override
    public List<byte[]> seeds() throws IOException {
        ByteBuffer legacy = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        byte[] name = "blk.0.attn_q.weight".getBytes(UTF_8);
        legacy.putInt(1)
                .putInt(name.length)
                .put(name)
                .putInt(2)
                .putInt(2)
                .putFloat(1)
                .putFloat(3);
        new GgufWriter()
                .put("general.type", "imatrix")
                .tensor("a.in_sum2", GgmlType.F32, (row, into) -> Arrays.fill(into, 4), 3, 2)
                .tensor("a.counts", GgmlType.F32, (row, into) -> Arrays.fill(into, 2), 1, 2)
                .write(file());
        return List.of(
                SparseFile.input(Arrays.copyOf(legacy.array(), legacy.position())),
                SparseFile.input(Files.readAllBytes(file())));
    }
}
