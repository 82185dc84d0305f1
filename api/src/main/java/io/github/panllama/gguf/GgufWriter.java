package io.github.panllama.gguf;

import io.github.panllama.internal.PartFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Makes a GGUF file (version 3, little-endian) of any size: metadata and tensor descriptions are collected, tensor data
 * is streamed when {@link #write} is called.
 *
 * <p>Not for use by several threads. {@code write} may be called more than once.
 */
public final class GgufWriter {
    private static final int VERSION = 3;
    /** Of all tensors together: so that no offset overflows, whatever pads them. */
    private static final long MAX_BYTES = 1L << 62;

    private final Map<String, GgufValue> metadata = new LinkedHashMap<>();
    /** Texts that are not UTF-8, as they were in the file that they come from. */
    private final Map<String, byte[]> lossy = new LinkedHashMap<>();

    private final List<GgufTensor> tensors = new ArrayList<>();
    private final List<TensorSource> sources = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    /** Of all tensors, without what pads them. */
    private long bytes;

    /** Makes a writer without metadata and tensors. */
    public GgufWriter() {}

    /**
     * Sets a metadata value. A key keeps the place of its first setting; a later setting replaces the value. The key
     * {@code general.alignment} sets the alignment of tensor data.
     *
     * @param key not empty
     * @param value the value
     * @return this
     * @throws IllegalArgumentException if the key is empty, too long or contains NUL, or the alignment is no power of
     *     two up to 1 MiB
     */
    public GgufWriter put(String key, GgufValue value) {
        checkEntry(key, value);
        metadata.put(key, value);
        lossy.remove(key);
        return this;
    }

    static void checkEntry(String key, GgufValue value) {
        checkName("key", key, GgufReader.MAX_KEY_BYTES);
        Objects.requireNonNull(value, "value");
        if (key.equals(GgufReader.ALIGNMENT_KEY)) {
            checkAlignment(value);
        }
    }

    /**
     * Sets a string.
     *
     * @param key not empty
     * @param value the text
     * @return this
     */
    public GgufWriter put(String key, String value) {
        return put(key, GgufValue.text(value));
    }

    /**
     * Sets an unsigned 32-bit number, the type of most figures in a model file.
     *
     * @param key not empty
     * @param value 0 to 4,294,967,295
     * @return this
     */
    public GgufWriter put(String key, long value) {
        return put(key, GgufValue.uint32(value));
    }

    /**
     * Sets a single-precision number.
     *
     * @param key not empty
     * @param value the number
     * @return this
     */
    public GgufWriter put(String key, float value) {
        return put(key, GgufValue.float32(value));
    }

    /**
     * Sets a truth value.
     *
     * @param key not empty
     * @param value the value
     * @return this
     */
    public GgufWriter put(String key, boolean value) {
        return put(key, GgufValue.bool(value));
    }

    /**
     * Sets every key of another file.
     *
     * @param other the keys and values
     * @return this
     */
    public GgufWriter putAll(GgufMetadata other) {
        other.asMap().forEach(this::put);
        return this;
    }

    /**
     * Sets every key of another file, byte for byte.
     *
     * @param file the file
     * @return this
     */
    public GgufWriter putAll(GgufFile file) {
        file.metadata().asMap().keySet().forEach(key -> copyKey(file, key));
        return this;
    }

    /**
     * Takes a key away, if it was set.
     *
     * @param key the key
     * @return this
     */
    public GgufWriter remove(String key) {
        metadata.remove(Objects.requireNonNull(key, "key"));
        lossy.remove(key);
        return this;
    }

    /** Sets a key of another file, byte for byte. */
    void copyKey(GgufFile file, String key) {
        put(key, file.metadata().find(key).orElseThrow());
        byte[] bytes = file.lossyText(key);
        if (bytes != null) {
            lossy.put(key, bytes);
        }
    }

    /** Adds a tensor of another file as it is. */
    void copyTensor(GgufFile file, GgufTensor tensor) {
        tensor(
                tensor.name(),
                tensor.type(),
                file.source(tensor),
                tensor.shape().stream().mapToLong(Long::longValue).toArray());
    }

    /**
     * Adds a tensor whose stored bytes come from a source.
     *
     * @param name unique, at most 63 bytes
     * @param type how its numbers are stored
     * @param source its data
     * @param shape one to four dimensions, the length of a row first
     * @return this
     * @throws IllegalArgumentException if the name is taken or too long or the shape does not fit the type
     */
    public GgufWriter tensor(String name, GgmlType type, TensorSource source, long... shape) {
        checkName("tensor name", name, GgufTensor.MAX_NAME_BYTES);
        if (names.contains(name)) {
            throw new IllegalArgumentException("tensor " + name + " was added before");
        }
        Objects.requireNonNull(source, "source");
        GgufTensor tensor = describe(name, type, shape);
        if (tensor.byteSize() > MAX_BYTES - bytes) {
            throw new IllegalArgumentException("tensor %s has %d bytes and those before it %d, together at most %d"
                    .formatted(name, tensor.byteSize(), bytes, MAX_BYTES));
        }
        bytes += tensor.byteSize();
        tensors.add(tensor);
        sources.add(source);
        names.add(name);
        return this;
    }

    /**
     * Adds a tensor whose numbers are encoded row by row.
     *
     * @param name unique, at most 63 bytes
     * @param type F32, F16, BF16, Q8_0 or Q4_0 ({@link #canEncode})
     * @param rows its numbers
     * @param shape one to four dimensions, the length of a row first
     * @return this
     * @throws IllegalArgumentException if the name is taken or too long, the shape does not fit the type, or the type
     *     has no encoder here
     */
    public GgufWriter tensor(String name, GgmlType type, TensorSource.Rows rows, long... shape) {
        GgufTensor tensor = describe(name, type, shape);
        if (tensor.rowLength() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("rows of tensor %s have %d numbers, must have at most %d"
                    .formatted(name, tensor.rowLength(), Integer.MAX_VALUE));
        }
        return tensor(name, type, TensorSource.of(type, (int) tensor.rowLength(), tensor.rows(), rows), shape);
    }

    private static GgufTensor describe(String name, GgmlType type, long... shape) {
        try {
            return GgufTensor.of(name, Arrays.stream(shape).boxed().toList(), type, 0);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "tensor %s has more bytes than 63 bits can say: its shape is %s"
                            .formatted(name, Arrays.toString(shape)),
                    e);
        }
    }

    /**
     * Whether this library can encode numbers in a type. Other types can be written from their stored bytes.
     *
     * @param type the type
     * @return true for F32, F16, BF16, Q8_0 and Q4_0
     */
    public static boolean canEncode(GgmlType type) {
        return RowCodec.supports(type);
    }

    /**
     * Writes the file. It appears under its name only when it is complete, and replaces what was there.
     *
     * @param path the file; its folder must exist
     * @throws DiskSpaceException if there is no room for it
     * @throws IOException if writing fails or a source gives too few or too many bytes; nothing is left behind then
     */
    public void write(Path path) throws IOException {
        long size = size();
        long usable = PartFile.usableSpace(path);
        if (usable < size) {
            throw new DiskSpaceException(path, size, usable);
        }
        try (PartFile part = PartFile.of(path)) {
            writeTo(part);
            part.publish();
        }
    }

    /** Writes the file under its present name. */
    void writeTo(PartFile part) throws IOException {
        try (FileChannel channel = part.create()) {
            writeAll(channel);
        }
    }

    /**
     * How large the file will be.
     *
     * @return bytes
     */
    public long size() {
        var counter = new CountingChannel();
        try {
            writeHeader(counter);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing is written anywhere
        }
        int alignment = alignment();
        long size = TensorLayout.pad(counter.count(), alignment);
        for (GgufTensor tensor : tensors) {
            size = TensorLayout.pad(Math.addExact(size, tensor.byteSize()), alignment);
        }
        return size;
    }

    private void writeAll(FileChannel channel) throws IOException {
        writeHeader(channel);
        int alignment = alignment();
        for (int i = 0; i < tensors.size(); i++) {
            pad(channel, alignment);
            var counted = new CountedChannel(channel, tensors.get(i));
            sources.get(i).writeTo(counted);
            counted.finish();
        }
        pad(channel, alignment);
    }

    /** All that stands before the data of the tensors, without the padding between. */
    void writeHeader(WritableByteChannel channel) throws IOException {
        var out = new HeaderOutput(channel);
        int alignment = alignment();
        out.int32(GgufReader.MAGIC);
        out.int32(VERSION);
        out.int64(tensors.size());
        out.int64(metadata.size());
        for (Map.Entry<String, GgufValue> entry : metadata.entrySet()) {
            out.string(entry.getKey());
            byte[] bytes = lossy.get(entry.getKey());
            if (bytes == null) {
                out.typedValue(entry.getValue());
            } else {
                out.typedText(bytes);
            }
        }
        long offset = 0;
        for (GgufTensor tensor : tensors) {
            out.tensor(tensor, offset);
            offset = TensorLayout.pad(Math.addExact(offset, tensor.byteSize()), alignment);
        }
        out.flush();
    }

    private static void pad(FileChannel channel, int alignment) throws IOException {
        long position = channel.position();
        var zeros = ByteBuffer.allocate((int) (TensorLayout.pad(position, alignment) - position));
        while (zeros.hasRemaining()) {
            channel.write(zeros);
        }
    }

    private int alignment() {
        return metadata.get(GgufReader.ALIGNMENT_KEY) instanceof GgufValue.Whole whole
                ? (int) whole.value()
                : GgufReader.DEFAULT_ALIGNMENT;
    }

    private static void checkAlignment(GgufValue value) {
        boolean valid = value instanceof GgufValue.Whole(GgufType type, long bytes)
                && type == GgufType.UINT32
                && Long.bitCount(bytes) == 1
                && bytes <= GgufReader.MAX_ALIGNMENT;
        if (!valid) {
            throw new IllegalArgumentException(
                    "the alignment must be a UINT32 power of two up to " + GgufReader.MAX_ALIGNMENT + ": " + value);
        }
    }

    private static void checkName(String what, String name, int maximumBytes) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > maximumBytes || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    what + " '" + name + "' must have 1 to " + maximumBytes + " bytes and no NUL");
        }
    }
}
