package io.github.panllama.gguf;

import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Counts what is written to it, and keeps nothing. */
final class CountingChannel implements WritableByteChannel {
    private long count;

    long count() {
        return count;
    }

    @Override
    public int write(ByteBuffer bytes) {
        int written = bytes.remaining();
        bytes.position(bytes.limit());
        count += written;
        return written;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    /** Does nothing: there is nothing to close. */
    @Override
    public void close() {}
}
