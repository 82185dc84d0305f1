package io.github.panllama.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Passes one tensor's bytes on and refuses more or fewer than its shape and type call for. */
final class CountedChannel implements WritableByteChannel {
    private final WritableByteChannel target;
    private final GgufTensor tensor;
    private long written;

    CountedChannel(WritableByteChannel target, GgufTensor tensor) {
        this.target = target;
        this.tensor = tensor;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        if (bytes.remaining() > tensor.byteSize() - written) {
            throw new IOException(
                    "the source of " + tensor.name() + " gives more than " + tensor.byteSize() + " bytes");
        }
        int count = target.write(bytes);
        written += count;
        return count;
    }

    void finish() throws IOException {
        if (written != tensor.byteSize()) {
            throw new IOException(
                    "the source of " + tensor.name() + " gave " + written + " bytes of " + tensor.byteSize());
        }
    }

    @Override
    public boolean isOpen() {
        return target.isOpen();
    }

    /** Does nothing: the file belongs to the writer. */
    @Override
    public void close() {}
}
