package io.github.panllama.mutants;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufType;
import io.github.panllama.gguf.GgufValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A GGUF file taken apart: every part can be changed, rightly or wrongly, before it is put together again. */
final class GgufParts {
    private static final int ALIGNMENT = 32;

    /** A key with its value as the bytes of the file. */
    static final class Entry {
        byte[] key;
        int type;
        byte[] value;

        Entry(byte[] key, int type, byte[] value) {
            this.key = key;
            this.type = type;
            this.value = value;
        }

        String name() {
            return new String(key, StandardCharsets.UTF_8);
        }
    }

    /** What a file says of a tensor, and its data. */
    static final class Tensor {
        byte[] name;
        List<Long> shape;
        int type;
        long offset;
        byte[] data;

        Tensor(byte[] name, List<Long> shape, int type, long offset, byte[] data) {
            this.name = name;
            this.shape = shape;
            this.type = type;
            this.offset = offset;
            this.data = data;
        }
    }

    int magic = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;
    int version = 3;
    long extraTensors;
    long extraKeys;
    final List<Entry> entries = new ArrayList<>();
    final List<Tensor> tensors = new ArrayList<>();

    /** Reads a file that is right. */
    static GgufParts of(Path path) throws IOException {
        GgufFile file = GgufFile.read(path);
        byte[] bytes = Files.readAllBytes(path);
        GgufParts parts = new GgufParts();
        file.metadata().asMap().forEach((key, value) -> parts.entries.add(entry(key, value)));
        for (GgufTensor tensor : file.tensors()) {
            int from = (int) (file.dataOffset() + tensor.offset());
            parts.tensors.add(new Tensor(
                    utf8(tensor.name()),
                    new ArrayList<>(tensor.shape()),
                    tensor.type().id(),
                    tensor.offset(),
                    Arrays.copyOfRange(bytes, from, from + (int) tensor.byteSize())));
        }
        return parts;
    }

    static Entry entry(String key, GgufValue value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, value);
        return new Entry(utf8(key), value.type().id(), out.toByteArray());
    }

    private static void write(ByteArrayOutputStream out, GgufValue value) {
        switch (value) {
            case GgufValue.Whole number ->
                little(out, number.value(), number.type().byteSize());
            case GgufValue.Real real
            when real.type() == GgufType.FLOAT32 -> little(out, Float.floatToRawIntBits((float) real.value()), 4);
            case GgufValue.Real real -> little(out, Double.doubleToRawLongBits(real.value()), 8);
            case GgufValue.Bool bool -> out.write(bool.value() ? 1 : 0);
            case GgufValue.Text text -> string(out, utf8(text.value()));
            case GgufValue.Array array -> {
                little(out, array.elementType().id(), 4);
                little(out, array.size(), 8);
                for (int i = 0; i < array.size(); i++) {
                    write(out, array.get(i));
                }
            }
        }
    }

    /** Gives each tensor the data that its shape and type call for, right behind the one before. */
    void layOut() {
        long offset = 0;
        for (Tensor tensor : tensors) {
            GgmlType type = GgmlType.byId(tensor.type);
            tensor.offset = offset;
            if (type != null) {
                try {
                    long elements = tensor.shape.stream().reduce(1L, Math::multiplyExact);
                    tensor.data = resized(tensor.data, type.byteSize(elements));
                } catch (IllegalArgumentException | ArithmeticException e) {
                    continue; // no size fits such a shape
                }
            }
            offset += pad(tensor.data.length);
        }
    }

    private static byte[] resized(byte[] data, long size) {
        byte[] result = new byte[(int) Math.min(size, 1 << 22)];
        for (int i = 0; i < result.length && data.length > 0; i++) {
            result[i] = data[i % data.length];
        }
        return result;
    }

    byte[] toBytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 20);
        out.writeBytes(header());
        out.writeBytes(new byte[pad(out.size()) - out.size()]);
        for (Tensor tensor : tensors) {
            out.writeBytes(tensor.data);
            out.writeBytes(new byte[pad(tensor.data.length) - tensor.data.length]);
        }
        return out.toByteArray();
    }

    byte[] header() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 16);
        little(out, magic, 4);
        little(out, version, 4);
        little(out, tensors.size() + extraTensors, 8);
        little(out, entries.size() + extraKeys, 8);
        for (Entry entry : entries) {
            string(out, entry.key);
            little(out, entry.type, 4);
            out.writeBytes(entry.value);
        }
        for (Tensor tensor : tensors) {
            string(out, tensor.name);
            little(out, tensor.shape.size(), 4);
            tensor.shape.forEach(length -> little(out, length, 8));
            little(out, tensor.type, 4);
            little(out, tensor.offset, 8);
        }
        return out.toByteArray();
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static void string(ByteArrayOutputStream out, byte[] bytes) {
        little(out, bytes.length, 8);
        out.writeBytes(bytes);
    }

    static void little(ByteArrayOutputStream out, long value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (value >>> (8 * i)));
        }
    }

    private static int pad(int size) {
        return (size + ALIGNMENT - 1) & -ALIGNMENT;
    }
}
