package io.github.panllama.engine;

import io.github.panllama.InvalidStateException;
import io.github.panllama.LlamaModel;
import io.github.panllama.StateCopy;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A session in a file: a mark, a version, and then compressed the tokens of the conversation, those that were computed,
 * the size of the state, a checksum of all that, and, unless the size is 0, the state with the release, fingerprint and
 * checksum of its own. Numbers are big-endian.
 */
final class SessionFile {
    private static final long MAGIC = 0x50414e4c53455353L; // "PANLSESS"
    private static final int VERSION = 2;
    private static final int BUFFER = 1 << 16;
    /** What stands around a state, at most. */
    private static final int FRAME = 1 << 18;
    /** Most of a state hardly gets smaller, whatever the effort. */
    private static final int EFFORT = Deflater.BEST_SPEED;

    private SessionFile() {}

    /** What a file has. */
    static final class Content {
        /** The whole conversation. */
        final int[] tokens;

        /** The tokens that the state is of; none where there is no state. */
        final int[] computed;

        /** The state, whose owner closes it; may be missing, also where it would be too large to be used. */
        final @Nullable StateCopy copy;

        Content(int[] tokens, int[] computed, @Nullable StateCopy copy) {
            this.tokens = tokens;
            this.computed = computed;
            this.copy = copy;
        }
    }

    /** Reads a state of the model that a session is of, and checks it. */
    interface StateReader {
        StateCopy read(InputStream in) throws IOException;
    }

    static void write(OutputStream out, Content content) throws IOException {
        DataOutputStream head = new DataOutputStream(out);
        head.writeLong(MAGIC);
        head.writeInt(VERSION);
        Deflater deflater = new Deflater(EFFORT);
        try (DeflaterOutputStream compressed = new DeflaterOutputStream(head, deflater, BUFFER)) {
            DataOutputStream data = new DataOutputStream(new BufferedOutputStream(compressed, BUFFER));
            writeTokens(data, content.tokens);
            writeTokens(data, content.computed);
            long bytes = content.copy == null ? 0 : content.copy.sizeInBytes();
            data.writeLong(bytes);
            data.writeLong(checksum(content.tokens, content.computed, bytes));
            if (content.copy != null) {
                content.copy.write(data);
            }
            data.flush();
            compressed.finish();
        } finally {
            deflater.end();
        }
    }

    private static void writeTokens(DataOutputStream data, int[] tokens) throws IOException {
        data.writeInt(tokens.length);
        for (int token : tokens) {
            data.writeInt(token);
        }
    }

    /**
     * Reads it, after everything about it was checked, and closes the stream.
     *
     * @param limits how much of it is unpacked at most
     * @throws InvalidStateException if it is no session of this model, or damaged
     */
    static Content read(InputStream in, LlamaModel model, SessionLimits limits) throws IOException {
        return read(in, model.vocabularySize(), state -> StateCopy.read(state, model), limits);
    }

    static Content read(InputStream in, int vocabularySize, StateReader states, SessionLimits limits)
            throws IOException {
        DataInputStream head = new DataInputStream(in);
        try {
            if (head.readLong() != MAGIC) {
                throw new InvalidStateException("The file is no session: it does not begin with its mark");
            }
            int version = head.readInt();
            if (version != VERSION) {
                throw new InvalidStateException(
                        "The session has format version %d, readable is %d".formatted(version, VERSION));
            }
            try (DataInputStream data =
                    new DataInputStream(new BufferedInputStream(new InflaterInputStream(head), BUFFER))) {
                return readCompressed(data, vocabularySize, states, limits);
            }
        } catch (EOFException e) {
            throw new InvalidStateException("The session is cut short");
        } catch (ZipException e) {
            throw new InvalidStateException("The session is damaged: " + e.getMessage());
        }
    }

    private static Content readCompressed(
            DataInputStream data, int vocabularySize, StateReader states, SessionLimits limits) throws IOException {
        int[] tokens = readTokens(data, vocabularySize, limits.tokens());
        int[] computed = readTokens(data, vocabularySize, limits.tokens());
        long bytes = data.readLong();
        if (data.readLong() != checksum(tokens, computed, bytes)) {
            throw new InvalidStateException("The session is damaged: the checksum of its tokens does not match");
        }
        long most = limits.bytes(computed.length);
        if (bytes < 0 || bytes > most) {
            throw new InvalidStateException("The session has a state of %d tokens in %d bytes, must be in [0, %d]"
                    .formatted(computed.length, bytes, most));
        }
        if (bytes > 0 && !limits.isUsable(computed.length, bytes)) {
            return new Content(tokens, computed, null);
        }
        StateCopy copy = bytes == 0 ? null : states.read(new FirstBytes(data, bytes + FRAME));
        try {
            if ((copy != null && copy.sizeInBytes() != bytes) || data.read() >= 0) {
                throw new InvalidStateException(
                        "The session is damaged: its state has another size, or is not the end");
            }
            return new Content(tokens, computed, copy);
        } catch (IOException | RuntimeException | Error e) {
            if (copy != null) {
                copy.close();
            }
            throw e;
        }
    }

    /** A stream that ends after so many bytes at most. */
    private static final class FirstBytes extends FilterInputStream {
        private long left;

        FirstBytes(InputStream in, long most) {
            super(in);
            left = most;
        }

        @Override
        public int read() throws IOException {
            int value = left == 0 ? -1 : in.read();
            left -= value < 0 ? 0 : 1;
            return value;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            int count = left == 0 ? -1 : in.read(bytes, from, (int) Math.min(length, left));
            left -= Math.max(count, 0);
            return count;
        }

        @Override
        public long skip(long count) throws IOException {
            long skipped = in.skip(Math.min(count, left));
            left -= skipped;
            return skipped;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }

    /** Grows with what is really there, so that a wrong count cannot ask for more memory than the file has bytes. */
    private static int[] readTokens(DataInputStream data, int vocabularySize, int most) throws IOException {
        int count = data.readInt();
        if (count < 0 || count > most) {
            throw new InvalidStateException("The session has %d tokens, must be in [0, %d]".formatted(count, most));
        }
        int[] tokens = new int[Math.min(count, 1024)];
        for (int i = 0; i < count; i++) {
            if (i == tokens.length) {
                tokens = Arrays.copyOf(tokens, 2 * i);
            }
            tokens[i] = data.readInt();
            if (tokens[i] < 0 || tokens[i] >= vocabularySize) {
                throw new InvalidStateException("The session has the token %d, must be in [0, %d), the vocabulary"
                        .formatted(tokens[i], vocabularySize));
            }
        }
        return Arrays.copyOf(tokens, count);
    }

    /** Of what stands before the state. */
    static long checksum(int[] tokens, int[] computed, long bytes) {
        CRC32 crc = new CRC32();
        ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
        for (int[] some : new int[][] {tokens, computed}) {
            crc.update(number.clear().putInt(some.length).flip());
            for (int token : some) {
                crc.update(number.clear().putInt(token).flip());
            }
        }
        crc.update(number.clear().putLong(bytes).flip());
        return crc.getValue();
    }
}
