package io.github.panllama.internal.worker;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Cuts a stream of bytes into frames. The room for a frame grows with what has come of it, not with what it says of its
 * length.
 *
 * <p><b>Threads.</b> One.
 */
public final class FrameDecoder {
    private static final int FIRST_CAPACITY = 1 << 16;
    private static final int HEAD_BYTES = FrameWriter.LENGTH_BYTES + 1;

    private byte[] bytes = new byte[FIRST_CAPACITY];
    private int begin;
    private int end;
    private final FrameReader reader = FrameReader.of(new byte[0]);

    /** {@return room for the bytes that come next, at least one; {@link #advance} tells how many came} */
    ByteBuffer room() {
        if (begin == end) {
            begin = 0;
            end = 0;
            if (bytes.length > FIRST_CAPACITY) {
                bytes = new byte[FIRST_CAPACITY];
            }
        } else if (end == bytes.length) {
            if (begin > 0) {
                System.arraycopy(bytes, begin, bytes, 0, end - begin);
                end -= begin;
                begin = 0;
            } else {
                bytes = Arrays.copyOf(bytes, 2 * bytes.length);
            }
        }
        // Java copies through a buffer outside the heap that is as large as what is asked for, and keeps it.
        return ByteBuffer.wrap(bytes, end, Math.min(bytes.length - end, FIRST_CAPACITY));
    }

    void advance(int count) {
        end += count;
    }

    /**
     * Takes bytes and gives out every frame that they complete.
     *
     * @param more what came, in pieces of any size
     * @param handler takes the frames
     * @throws ProtocolException if a length or a type is not allowed, or the handler throws it
     */
    public void decode(byte[] more, FrameHandler handler) throws ProtocolException {
        for (int from = 0; from < more.length; ) {
            ByteBuffer room = room();
            int count = Math.min(room.remaining(), more.length - from);
            room.put(more, from, count);
            advance(count);
            from += count;
            decode(handler);
        }
    }

    /**
     * Gives out every frame that is complete.
     *
     * @return whether there was one
     */
    boolean decode(FrameHandler handler) throws ProtocolException {
        boolean any = false;
        while (end - begin >= HEAD_BYTES) {
            int length = ByteBuffer.wrap(bytes).getInt(begin);
            if (length < 1 || length > FrameWriter.MAX_FRAME) {
                throw new ProtocolException(
                        "a frame of %d bytes; it has 1 to %d".formatted(length, FrameWriter.MAX_FRAME));
            }
            int type = bytes[begin + FrameWriter.LENGTH_BYTES];
            if (type < 0) {
                throw new ProtocolException("a frame of type %d; types are 0 to %d"
                        .formatted(Byte.toUnsignedInt((byte) type), FrameWriter.MAX_TYPE));
            }
            if (end - begin - FrameWriter.LENGTH_BYTES < length) {
                break;
            }
            int fields = begin + HEAD_BYTES;
            begin += FrameWriter.LENGTH_BYTES + length;
            reader.reset(ByteBuffer.wrap(bytes, fields, length - 1).slice());
            handler.onFrame(type, reader);
            any = true;
        }
        return any;
    }

    /**
     * The stream has ended.
     *
     * @throws ProtocolException if it did so within a frame
     */
    void end() throws ProtocolException {
        if (begin != end) {
            throw new ProtocolException(
                    "the stream ends within a frame, %d bytes after its begin".formatted(end - begin));
        }
    }
}
