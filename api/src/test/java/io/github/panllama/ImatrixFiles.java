package io.github.panllama;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** Writes importance matrices of both formats, with random importance for every matrix of a model. */
final class ImatrixFiles {
    /** A power of two, so that sums divided by it are the same numbers in both formats. */
    private static final int COUNT = 16;

    private ImatrixFiles() {}

    static Path gguf(Path file, GgufFile model, long seed) throws IOException {
        Random random = new Random(seed);
        GgufWriter writer = new GgufWriter()
                .put("general.type", "imatrix")
                .put("imatrix.datasets", GgufValue.texts(List.of("random")))
                .put("imatrix.chunk_count", 1)
                .put("imatrix.chunk_size", 512);
        for (GgufTensor tensor : matrices(model)) {
            long experts = experts(tensor);
            float[] sums = sums(tensor, random);
            int length = (int) tensor.rowLength();
            writer.tensor(
                    tensor.name() + ".in_sum2",
                    GgmlType.F32,
                    (index, row) -> System.arraycopy(sums, (int) index * length, row, 0, length),
                    length,
                    experts);
            writer.tensor(tensor.name() + ".counts", GgmlType.F32, (index, row) -> row[0] = COUNT, 1, experts);
        }
        writer.write(file);
        return file;
    }

    static Path legacy(Path file, GgufFile model, long seed) throws IOException {
        Random random = new Random(seed);
        ByteBuffer bytes = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
        List<GgufTensor> matrices = matrices(model);
        bytes.putInt(matrices.size());
        for (GgufTensor tensor : matrices) {
            byte[] name = tensor.name().getBytes(StandardCharsets.UTF_8);
            float[] sums = sums(tensor, random);
            bytes.putInt(name.length).put(name).putInt(COUNT).putInt(sums.length);
            for (float sum : sums) {
                bytes.putFloat(sum);
            }
        }
        bytes.putInt(1).putInt(4).put("text".getBytes(StandardCharsets.UTF_8));
        byte[] whole = new byte[bytes.position()];
        bytes.flip().get(whole);
        return Files.write(file, whole);
    }

    private static List<GgufTensor> matrices(GgufFile model) {
        return model.tensors().stream()
                .filter(tensor -> tensor.shape().size() > 1)
                .toList();
    }

    private static long experts(GgufTensor tensor) {
        return tensor.shape().size() > 2 ? tensor.shape().get(2) : 1;
    }

    private static float[] sums(GgufTensor tensor, Random random) {
        float[] sums = new float[(int) (tensor.rowLength() * experts(tensor))];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = 0.01f + random.nextFloat() * random.nextFloat() * 100;
        }
        return sums;
    }
}
