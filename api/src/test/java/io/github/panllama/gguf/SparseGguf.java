package io.github.panllama.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Files as large as a writer would make them, whose tensors are holes: they take no room, and no time. */
public final class SparseGguf {
    private SparseGguf() {}

    /** Writes the header alone. */
    public static void write(GgufWriter writer, Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(
                path,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE,
                StandardOpenOption.SPARSE)) {
            writer.writeHeader(channel);
            channel.write(ByteBuffer.allocate(1), writer.size() - 1);
        }
    }
}
