package io.github.panllama;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The frame around a state: magic, version, kind, release, model fingerprint, length, the state, and a SHA-256 of all
 * that. Numbers are big-endian.
 */
final class StateFormat {
    private static final long MAGIC = 0x50414e4c53544154L; // "PANLSTAT"
    private static final int VERSION = 1;
    private static final int CHUNK = 1 << 20;

    private StateFormat() {}

    /**
     * What a state was made of.
     *
     * @param ofSequence whether it is one sequence's
     * @param release of llama.cpp
     * @param fingerprint of the model
     */
    record Origin(boolean ofSequence, String release, String fingerprint) {
        /** Refuses to be put where another origin is expected. */
        void check(Origin expected) {
            if (ofSequence != expected.ofSequence) {
                throw new InvalidStateException(
                        ofSequence
                                ? "The state is one of a sequence: restore it with state(sequence)"
                                : "The state is one of a whole context: restore it with state()");
            }
            checkMadeWith(expected.release, expected.fingerprint);
        }

        private void checkMadeWith(String expectedRelease, String expectedFingerprint) {
            if (!release.equals(expectedRelease)) {
                throw new InvalidStateException(
                        "The state was made with llama.cpp %s, loaded is %s".formatted(release, expectedRelease));
            }
            if (!fingerprint.equals(expectedFingerprint)) {
                throw new InvalidStateException("The state was made with another model");
            }
        }
    }

    /** A state that was read. */
    record Content(Origin origin, MemorySegment data) {}

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    static void write(OutputStream out, Origin origin, MemorySegment data) throws IOException {
        DigestOutputStream digesting = new DigestOutputStream(out, sha256());
        DataOutputStream header = new DataOutputStream(digesting);
        header.writeLong(MAGIC);
        header.writeInt(VERSION);
        header.writeBoolean(origin.ofSequence());
        header.writeUTF(origin.release());
        header.writeUTF(origin.fingerprint());
        header.writeLong(data.byteSize());
        byte[] chunk = new byte[(int) Math.min(CHUNK, data.byteSize())];
        for (long at = 0; at < data.byteSize(); at += chunk.length) {
            int length = (int) Math.min(chunk.length, data.byteSize() - at);
            MemorySegment.copy(data, JAVA_BYTE, at, chunk, 0, length);
            header.write(chunk, 0, length);
        }
        header.flush();
        out.write(digesting.getMessageDigest().digest());
        out.flush();
    }

    /** The state in native memory, after everything about it was checked. */
    static Content read(InputStream in, String release, String fingerprint, Arena arena) throws IOException {
        DigestInputStream digesting = new DigestInputStream(in, sha256());
        DataInputStream header = new DataInputStream(digesting);
        try {
            if (header.readLong() != MAGIC) {
                throw new InvalidStateException("The bytes are no state: they do not begin with its mark");
            }
            int version = header.readInt();
            if (version != VERSION) {
                throw new InvalidStateException("The state has format version " + version + ", readable is " + VERSION);
            }
            Origin origin = new Origin(header.readBoolean(), header.readUTF(), header.readUTF());
            origin.checkMadeWith(release, fingerprint);
            MemorySegment data = readData(header, header.readLong(), arena);
            byte[] digest = digesting.getMessageDigest().digest();
            digesting.on(false);
            if (!Arrays.equals(digest, header.readNBytes(digest.length))) {
                throw new InvalidStateException("The state is damaged: its checksum does not match");
            }
            return new Content(origin, data);
        } catch (UTFDataFormatException e) {
            throw new InvalidStateException("The state is damaged: its release or model is no text");
        } catch (EOFException e) {
            throw new InvalidStateException("The state is cut short");
        }
    }

    /** Grows with what is really there, so that a wrong length cannot ask for more memory than the stream has bytes. */
    private static MemorySegment readData(DataInputStream in, long length, Arena arena) throws IOException {
        if (length < 0) {
            throw new InvalidStateException("The state has a negative length");
        }
        byte[] buffer = new byte[(int) Math.min(CHUNK, length)];
        try (Arena pieces = Arena.ofConfined()) {
            List<MemorySegment> chunks = new ArrayList<>();
            for (long left = length; left > 0; left -= chunks.getLast().byteSize()) {
                int wanted = (int) Math.min(CHUNK, left);
                in.readFully(buffer, 0, wanted);
                chunks.add(pieces.allocate(wanted)
                        .copyFrom(MemorySegment.ofArray(buffer).asSlice(0, wanted)));
            }
            MemorySegment data = arena.allocate(length);
            long at = 0;
            for (MemorySegment chunk : chunks) {
                MemorySegment.copy(chunk, 0, data, at, chunk.byteSize());
                at += chunk.byteSize();
            }
            return data;
        }
    }
}
