package io.github.panllama.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/** Writes the little-endian fields of a header. */
final class HeaderOutput {
    private final WritableByteChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

    HeaderOutput(WritableByteChannel channel) {
        this.channel = channel;
    }

    void int32(int value) throws IOException {
        room(4).putInt(value);
    }

    void int64(long value) throws IOException {
        room(8).putLong(value);
    }

    void string(String value) throws IOException {
        string(ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
    }

    void typedValue(GgufValue value) throws IOException {
        int32(value.type().id());
        switch (value) {
            case GgufValue.Whole(GgufType type, long number) -> whole(type, number);
            case GgufValue.Real(GgufType type, double number) -> {
                if (type == GgufType.FLOAT32) {
                    int32(Float.floatToRawIntBits((float) number));
                } else {
                    int64(Double.doubleToRawLongBits(number));
                }
            }
            case GgufValue.Bool(boolean set) -> room(1).put((byte) (set ? 1 : 0));
            case GgufValue.Text(String text) -> string(text);
            case GgufValue.Array array -> array(array);
        }
    }

    void typedText(byte[] bytes) throws IOException {
        int32(GgufType.STRING.id());
        string(ByteBuffer.wrap(bytes));
    }

    void tensor(GgufTensor tensor, long offset) throws IOException {
        string(tensor.name());
        int32(tensor.shape().size());
        for (long dimension : tensor.shape()) {
            int64(dimension);
        }
        int32(tensor.type().id());
        int64(offset);
    }

    void flush() throws IOException {
        drain(buffer.flip());
        buffer.clear();
    }

    private void whole(GgufType type, long number) throws IOException {
        switch (type.byteSize()) {
            case 1 -> room(1).put((byte) number);
            case 2 -> room(2).putShort((short) number);
            case 4 -> int32((int) number);
            default -> int64(number);
        }
    }

    private void array(GgufValue.Array array) throws IOException {
        int32(array.elementType().id());
        int64(array.size());
        switch (array) {
            case FixedArray fixed -> bytes(fixed.raw());
            case TextArray texts -> {
                for (int i = 0; i < texts.size(); i++) {
                    string(texts.raw(i));
                }
            }
            case NestedArray nested -> {
                for (int i = 0; i < nested.size(); i++) {
                    array(nested.get(i));
                }
            }
        }
    }

    private void string(ByteBuffer utf8) throws IOException {
        int64(utf8.remaining());
        bytes(utf8);
    }

    private void bytes(ByteBuffer bytes) throws IOException {
        if (bytes.remaining() > buffer.remaining()) {
            flush();
            drain(bytes); // whatever is left, large or small, needs no copy
        } else {
            buffer.put(bytes);
        }
    }

    private ByteBuffer room(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flush();
        }
        return buffer;
    }

    private void drain(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
