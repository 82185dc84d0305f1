package io.github.panllama.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Lays out GGUF bytes field by field, right or wrong, and remembers where the last field began. */
final class RawGguf {
    private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    private int mark;

    /** Magic, version 3 and the counts. */
    static RawGguf header(long tensors, long keys) {
        return new RawGguf().int32(GgufReader.MAGIC).int32(3).int64(tensors).int64(keys);
    }

    RawGguf int8(int value) {
        mark = bytes.position();
        bytes.put((byte) value);
        return this;
    }

    RawGguf int32(int value) {
        mark = bytes.position();
        bytes.putInt(value);
        return this;
    }

    RawGguf int64(long value) {
        mark = bytes.position();
        bytes.putLong(value);
        return this;
    }

    RawGguf string(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        int start = bytes.position();
        int64(utf8.length);
        bytes.put(utf8);
        mark = start;
        return this;
    }

    RawGguf raw(byte... values) {
        mark = bytes.position();
        bytes.put(values);
        return this;
    }

    RawGguf key(String key, GgufType type) {
        return string(key).int32(type.id());
    }

    /** Everything of a tensor up to its offset. */
    RawGguf tensor(String name, GgmlType type, long... shape) {
        string(name).int32(shape.length);
        Arrays.stream(shape).forEach(this::int64);
        return int32(type.id());
    }

    RawGguf zeros(int count) {
        return raw(new byte[count]);
    }

    /** Where the last field began. */
    int mark() {
        return mark;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    static GgufReader.Header read(byte[] bytes) throws IOException {
        return GgufReader.read(source(bytes), bytes.length);
    }

    static HeaderInput.Source source(byte[] bytes) {
        return (target, position) -> {
            if (position >= bytes.length) {
                return -1;
            }
            int count = (int) Math.min(target.remaining(), bytes.length - position);
            target.put(bytes, (int) position, count);
            return count;
        };
    }
}
