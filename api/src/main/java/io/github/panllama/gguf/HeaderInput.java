package io.github.panllama.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads little-endian fields forwards and answers for every one that it lies inside the file.
 *
 * <p>Whoever allocates memory for a count first asks {@link #require}, so that a length that lies is refused before any
 * memory is taken for it.
 */
final class HeaderInput {
    /** Headers of the largest published models stay under 64 MiB; a sparse file must not make the heap grow further. */
    static final long MAX_HEADER_BYTES = 512L << 20;

    private static final int BUFFER_BYTES = 1 << 16;

    /** Bytes by position: a {@link java.nio.channels.FileChannel}, or memory. */
    @FunctionalInterface
    interface Source {
        int read(ByteBuffer target, long position) throws IOException;
    }

    private final Source source;
    private final long fileSize;
    private final ByteBuffer buffer =
            ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    private long bufferStart;
    private @Nullable String key;

    HeaderInput(Source source, long fileSize) {
        this.source = source;
        this.fileSize = fileSize;
    }

    long fileSize() {
        return fileSize;
    }

    long position() {
        return bufferStart + buffer.position();
    }

    long remaining() {
        return Math.min(fileSize, MAX_HEADER_BYTES) - position();
    }

    /** Names the metadata key or tensor that the next fields belong to, for error messages. */
    void enter(@Nullable String name) {
        key = name;
    }

    InvalidGgufException invalid(String message, long at) {
        return new InvalidGgufException(message, at, key);
    }

    /** Refuses a field that ends outside the file. The count may be any unsigned number. */
    void require(long count, int bytesEach, String what) {
        if (count >= 0 && count <= remaining() / bytesEach) {
            return;
        }
        String needed = what + " of " + Long.toUnsignedString(count) + (bytesEach == 1 ? "" : " × " + bytesEach);
        if (count >= 0 && count <= (fileSize - position()) / bytesEach) {
            throw invalid(needed + " bytes: the header exceeds " + MAX_HEADER_BYTES + " bytes", position());
        }
        throw invalid(needed + " bytes does not fit the " + (fileSize - position()) + " bytes left", position());
    }

    byte int8(String what) throws IOException {
        return fill(1, what).get();
    }

    short int16(String what) throws IOException {
        return fill(2, what).getShort();
    }

    int int32(String what) throws IOException {
        return fill(4, what).getInt();
    }

    long int64(String what) throws IOException {
        return fill(8, what).getLong();
    }

    /** A count that later code holds in an {@code int}: refused if negative, above the bound, or past the file's end. */
    int count(String what, int maximum, int bytesEach) throws IOException {
        long at = position();
        long value = int64(what);
        if (value < 0 || value > maximum) {
            throw invalid(what + " is " + Long.toUnsignedString(value) + ", at most " + maximum, at);
        }
        require(value, bytesEach, what);
        return (int) value;
    }

    /** A key or name: not empty, valid UTF-8, without NUL, which C would take for its end. */
    String name(String what, int maximumBytes) throws IOException {
        long at = position();
        byte[] bytes = new byte[count("length of the " + what, maximumBytes, 1)];
        bytes(bytes, 0, bytes.length, what);
        if (bytes.length == 0) {
            throw invalid(what + " is empty", at);
        }
        for (byte b : bytes) {
            if (b == 0) {
                throw invalid(what + " contains NUL", at);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw invalid(what + " is not UTF-8", at);
        }
    }

    /**
     * Reads a string of an array where all of it is in the buffer, as nearly every one is: in a JVM that has just begun,
     * a call for each field of 300,000 strings would take longer than all the rest.
     *
     * @return false where it is not, or its length is none that fits; nothing has been read then
     */
    boolean buffered(TextArray.Builder strings) {
        int at = buffer.position();
        int room = buffer.limit() - at - Long.BYTES;
        byte[] bytes = buffer.array();
        if (room < 0 || (bytes[at + 4] | bytes[at + 5] | bytes[at + 6] | bytes[at + 7]) != 0) {
            return false;
        }
        int length = (bytes[at] & 0xff)
                | ((bytes[at + 1] & 0xff) << 8)
                | ((bytes[at + 2] & 0xff) << 16)
                | ((bytes[at + 3] & 0xff) << 24);
        if (length < 0 || length > room) {
            return false;
        }
        byte[] target = strings.reserve(length);
        System.arraycopy(bytes, at + Long.BYTES, target, strings.start(), length);
        buffer.position(at + Long.BYTES + length);
        return true;
    }

    void bytes(byte[] target, int from, int length, String what) throws IOException {
        require(length, 1, what);
        int done = Math.min(length, buffer.remaining());
        buffer.get(target, from, done);
        while (done < length) {
            if (length - done < BUFFER_BYTES) {
                fill(length - done, what).get(target, from + done, length - done);
                return;
            }
            int read = source.read(ByteBuffer.wrap(target, from + done, length - done), position());
            if (read < 0) {
                throw invalid("the file ends inside the " + what, position());
            }
            done += read;
            bufferStart += read;
        }
    }

    private ByteBuffer fill(int bytes, String what) throws IOException {
        if (buffer.remaining() >= bytes) {
            return buffer;
        }
        require(bytes, 1, what);
        bufferStart += buffer.position();
        buffer.compact();
        while (buffer.position() < bytes) {
            if (source.read(buffer, bufferStart + buffer.position()) < 0) {
                buffer.flip();
                throw invalid("the file ends inside the " + what, position());
            }
        }
        return buffer.flip();
    }
}
