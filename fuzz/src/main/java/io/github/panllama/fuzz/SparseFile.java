package io.github.panllama.fuzz;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that begins with some bytes and goes on with zeros, so that a header can describe data that nobody makes. */
public final class SparseFile {
    private static final int ZEROS = 22;

    private final byte[] head;
    private final long size;

    private SparseFile(byte[] head, long size) {
        this.head = head;
        this.size = size;
    }

    /** A file of so many bytes, no fewer than the head has. */
    public static SparseFile of(byte[] head, long size) {
        return new SparseFile(head, size);
    }

    /** The file that bytes describe: the first one says how many zeros follow the others. */
    public static SparseFile describedBy(byte[] input) {
        Input in = new Input(input);
        int choice = in.below(ZEROS);
        byte[] head = in.rest();
        return new SparseFile(head, head.length + (choice == 0 ? 0L : 1L << (choice - 1)));
    }

    /** Bytes that describe a file with this head and as many zeros as there may be. */
    public static byte[] input(byte[] head) {
        return Input.with(ZEROS - 1, head);
    }

    /** Its bytes with the zeros. */
    public long size() {
        return size;
    }

    /** Reads as a channel does. */
    public int read(ByteBuffer target, long position) {
        if (position >= size) {
            return -1;
        }
        int count = (int) Math.min(target.remaining(), size - position);
        int ofHead = Math.clamp(head.length - position, 0, count);
        if (ofHead > 0) {
            target.put(head, (int) position, ofHead);
        }
        for (int i = ofHead; i < count; i++) {
            target.put((byte) 0);
        }
        return count;
    }

    /** Writes it, without taking room for the zeros. */
    public void write(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(ByteBuffer.wrap(head));
            if (size > head.length) {
                channel.write(ByteBuffer.allocate(1), size - 1);
            }
        }
    }
}
