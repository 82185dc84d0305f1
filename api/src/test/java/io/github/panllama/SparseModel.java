package io.github.panllama;

import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.synthetic.Architecture;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A model as large as one likes that takes hardly any room on a disk: its weights are a hole in the file. */
final class SparseModel {
    private static final int ALIGNMENT = 32;
    private static final long COUNT_OFFSET = 8;
    /** More than all descriptions take. */
    private static final int DESCRIPTIONS = 1 << 16;

    private SparseModel() {}

    /**
     * Writes one.
     *
     * @param bytes how large its weights are, roughly; all of them but a few are those of the feed-forward networks
     */
    static Path write(String name, long bytes) throws IOException {
        GgufFile small = GgufFile.read(TestModels.file(Architecture.LLAMA));
        int width = small.metadata().intValue("llama.embedding_length", 0);
        int layers = small.metadata().intValue("llama.block_count", 0);
        int before = small.metadata().intValue("llama.feed_forward_length", 0);
        long wide = bytes / (3L * layers * width * Float.BYTES) / ALIGNMENT * ALIGNMENT;
        Path file = TestModels.path(name);
        new GgufWriter().putAll(small).put("llama.feed_forward_length", wide).write(file);
        describe(file, small.tensors(), before, wide);
        return file;
    }

    private static void describe(Path file, List<GgufTensor> tensors, int before, long wide) throws IOException {
        long end = GgufFile.read(file).dataOffset(); // behind it the writer has padded
        ByteBuffer out = ByteBuffer.allocate(DESCRIPTIONS).order(ByteOrder.LITTLE_ENDIAN);
        long offset = 0;
        for (GgufTensor tensor : tensors) {
            byte[] name = tensor.name().getBytes(StandardCharsets.UTF_8);
            out.putLong(name.length).put(name).putInt(tensor.shape().size());
            long values = 1;
            for (long length : tensor.shape()) {
                long now = length == before && tensor.name().contains("ffn_") ? wide : length;
                out.putLong(now);
                values *= now;
            }
            out.putInt(0).putLong(offset); // F32
            offset += values * Float.BYTES;
        }
        try (RandomAccessFile target = new RandomAccessFile(file.toFile(), "rw")) {
            target.seek(COUNT_OFFSET);
            target.write(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(tensors.size())
                    .array());
            target.seek(end);
            target.write(out.array(), 0, out.position());
            target.setLength((target.getFilePointer() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + offset);
        }
    }
}
