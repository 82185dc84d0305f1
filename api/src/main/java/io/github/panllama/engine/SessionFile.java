package io.github.panllama.engine;

import io.github.panllama.InvalidStateException;
import io.github.panllama.LlamaModel;
import io.github.panllama.StateCopy;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A session in a file: a mark, a version, and then compressed the tokens of the conversation, those that were computed,
 * a checksum of both, and, where there is one, the state with the release, fingerprint and checksum of its own. Numbers are big-endian.
 */
final class SessionFile {
    private static final long MAGIC = 0x50414e4c53455353L; // "PANLSESS"
    private static final int VERSION = 1;
    private static final int BUFFER = 1 << 16;
    /** Most of a state hardly gets smaller, whatever the effort. */
    private static final int EFFORT = Deflater.BEST_SPEED;

    private SessionFile() {}

    /** What a file has. */
    static final class Content {
        /** The whole conversation. */
        final int[] tokens;

        /** The tokens that the state is of; none where there is no state. */
        final int[] computed;

        /** The state, whose owner closes it; may be missing. */
        final @Nullable StateCopy copy;

        Content(int[] tokens, int[] computed, @Nullable StateCopy copy) {
            this.tokens = tokens;
            this.computed = computed;
            this.copy = copy;
        }
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
            data.writeLong(checksum(content.tokens, content.computed));
            data.writeBoolean(content.copy != null);
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
     * @throws InvalidStateException if it is no session of this model, or damaged
     */
    static Content read(InputStream in, LlamaModel model) throws IOException {
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
                return readCompressed(data, model);
            }
        } catch (EOFException e) {
            throw new InvalidStateException("The session is cut short");
        } catch (ZipException e) {
            throw new InvalidStateException("The session is damaged: " + e.getMessage());
        }
    }

    private static Content readCompressed(DataInputStream data, LlamaModel model) throws IOException {
        int[] tokens = readTokens(data, model.vocabularySize());
        int[] computed = readTokens(data, model.vocabularySize());
        if (data.readLong() != checksum(tokens, computed)) {
            throw new InvalidStateException("The session is damaged: the checksum of its tokens does not match");
        }
        StateCopy copy = data.readBoolean() ? StateCopy.read(data, model) : null;
        try {
            if (data.read() >= 0) {
                throw new InvalidStateException("The session is damaged: bytes follow its end");
            }
            return new Content(tokens, computed, copy);
        } catch (IOException | RuntimeException | Error e) {
            if (copy != null) {
                copy.close();
            }
            throw e;
        }
    }

    /** Grows with what is really there, so that a wrong count cannot ask for more memory than the file has bytes. */
    private static int[] readTokens(DataInputStream data, int vocabularySize) throws IOException {
        int count = data.readInt();
        int[] tokens = new int[Math.clamp(count, 0, 1024)];
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
        return Arrays.copyOf(tokens, Math.max(count, 0));
    }

    private static long checksum(int[] tokens, int[] computed) {
        CRC32 crc = new CRC32();
        for (int[] some : new int[][] {tokens, computed}) {
            for (int token : some) {
                for (int shift = 24; shift >= 0; shift -= 8) {
                    crc.update(token >>> shift);
                }
            }
            crc.update(0xff);
        }
        return crc.getValue();
    }
}
