package io.github.panllama.internal.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a frame, read in the order in which they were written. Whatever the bytes are, a field that is not there,
 * too large or malformed is a {@link ProtocolException} that names it, and nothing is allocated for more than there is.
 *
 * <p><b>Threads.</b> One.
 */
public final class FrameReader {
    private final CharsetDecoder utf8 = UTF_8.newDecoder();
    private ByteBuffer bytes;

    FrameReader(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /**
     * Fields that lie in an array.
     *
     * @param fields what follows the type; not copied
     */
    public static FrameReader of(byte[] fields) {
        return new FrameReader(ByteBuffer.wrap(fields));
    }

    /** Goes on with another frame, and spares an allocation for each. */
    void reset(ByteBuffer frame) {
        bytes = frame;
    }

    /** {@return how many bytes are not read yet} */
    public int remaining() {
        return bytes.remaining();
    }

    /** Reads a byte, from 0 to 255. */
    public int getByte(String name) throws ProtocolException {
        require(name, 1);
        return Byte.toUnsignedInt(bytes.get());
    }

    /** Reads a truth value: a byte that is 0 or 1. */
    public boolean getBoolean(String name) throws ProtocolException {
        int value = getByte(name);
        if (value > 1) {
            throw outside(name, value, 0, 1);
        }
        return value == 1;
    }

    /** Reads an int. */
    public int getInt(String name) throws ProtocolException {
        require(name, Integer.BYTES);
        return bytes.getInt();
    }

    /** Reads an int that is {@code min} or more and {@code max} or less. */
    public int getInt(String name, int min, int max) throws ProtocolException {
        int value = getInt(name);
        if (value < min || value > max) {
            throw outside(name, value, min, max);
        }
        return value;
    }

    /** Reads a long. */
    public long getLong(String name) throws ProtocolException {
        require(name, Long.BYTES);
        return bytes.getLong();
    }

    /** Reads a long that is {@code min} or more and {@code max} or less. */
    public long getLong(String name, long min, long max) throws ProtocolException {
        long value = getLong(name);
        if (value < min || value > max) {
            throw outside(name, value, min, max);
        }
        return value;
    }

    /** Reads a float; it may be NaN or infinite. */
    public float getFloat(String name) throws ProtocolException {
        require(name, Float.BYTES);
        return bytes.getFloat();
    }

    /** Reads a double; it may be NaN or infinite. */
    public double getDouble(String name) throws ProtocolException {
        require(name, Double.BYTES);
        return bytes.getDouble();
    }

    /** Reads a text of at most {@code maxBytes} bytes of UTF-8. */
    public String getString(String name, int maxBytes) throws ProtocolException {
        int length = count(name, maxBytes, 1);
        int begin = bytes.position();
        ByteBuffer text = bytes.slice(begin, length);
        bytes.position(begin + length);
        try {
            return utf8.decode(text).toString();
        } catch (CharacterCodingException e) {
            throw new ProtocolException(
                    "%s at byte %d is not UTF-8: %s".formatted(name, begin + text.position(), e.getMessage()));
        }
    }

    /** Reads a text, or that there is none. */
    public @Nullable String getNullableString(String name, int maxBytes) throws ProtocolException {
        return getBoolean(name) ? getString(name, maxBytes) : null;
    }

    /** Reads at most {@code maxBytes} bytes. */
    public byte[] getBytes(String name, int maxBytes) throws ProtocolException {
        byte[] values = new byte[count(name, maxBytes, 1)];
        bytes.get(values);
        return values;
    }

    /** Reads at most {@code maxCount} ints. */
    public int[] getInts(String name, int maxCount) throws ProtocolException {
        int[] values = new int[count(name, maxCount, Integer.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes.getInt();
        }
        return values;
    }

    /** Reads at most {@code maxCount} floats. */
    public float[] getFloats(String name, int maxCount) throws ProtocolException {
        float[] values = new float[count(name, maxCount, Float.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes.getFloat();
        }
        return values;
    }

    /** Reads at most {@code maxCount} texts, each of at most {@code maxBytes} bytes of UTF-8. */
    public List<String> getStrings(String name, int maxCount, int maxBytes) throws ProtocolException {
        int count = count(name, maxCount, Integer.BYTES);
        List<String> texts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            texts.add(getString(name, maxBytes));
        }
        return texts;
    }

    /**
     * The number of the elements that follow.
     *
     * @param elementBytes the least that one takes
     */
    private int count(String name, int max, int elementBytes) throws ProtocolException {
        int count = getInt(name);
        if (count < 0 || count > max) {
            throw new ProtocolException("%s at byte %d has %d elements; 0 to %d may be there"
                    .formatted(name, bytes.position() - Integer.BYTES, count, max));
        }
        require(name, (long) count * elementBytes);
        return count;
    }

    /** Ends the frame. Every byte must have been read. */
    public void end() throws ProtocolException {
        if (bytes.hasRemaining()) {
            throw new ProtocolException("the frame has %d bytes more than its fields, from byte %d on"
                    .formatted(bytes.remaining(), bytes.position()));
        }
    }

    private void require(String name, long count) throws ProtocolException {
        if (bytes.remaining() < count) {
            throw new ProtocolException("the frame ends within %s: at byte %d it needs %d bytes, and %d are left"
                    .formatted(name, bytes.position(), count, bytes.remaining()));
        }
    }

    private ProtocolException outside(String name, long value, long min, long max) {
        return new ProtocolException(
                "%s before byte %d is %d, which is not in %d..%d".formatted(name, bytes.position(), value, min, max));
    }
}
