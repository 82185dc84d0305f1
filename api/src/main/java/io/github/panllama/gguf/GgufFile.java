package io.github.panllama.gguf;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The header of a GGUF file: its metadata and the descriptions of its tensors. The weights stay on disk.
 *
 * <p>Instances are immutable and may be shared by threads. A file that was read obeys the format: every count, length
 * and offset fits the file, names are unique, shapes fit their types, tensor data lies inside the file without gaps.
 * Whether the values make sense for an architecture is what {@link GgufValidator} checks.
 */
public final class GgufFile {
    private final Path path;
    private final long fileSize;
    private final GgufReader.Header header;
    private final Map<String, GgufTensor> tensorsByName;

    GgufFile(Path path, long fileSize, GgufReader.Header header) {
        this.path = path;
        this.fileSize = fileSize;
        this.header = header;
        this.tensorsByName = LinkedHashMap.newLinkedHashMap(header.tensors().size());
        header.tensors().forEach(tensor -> tensorsByName.put(tensor.name(), tensor));
    }

    /**
     * Reads the header of a file. Little-endian GGUF of version 2 and 3 is accepted.
     *
     * @param path the file
     * @return what it says
     * @throws InvalidGgufException if it is no GGUF file or a malformed one
     * @throws IOException if it cannot be read
     */
    public static GgufFile read(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            return new GgufFile(path, size, GgufReader.read(channel::read, size));
        }
    }

    /**
     * Where the file was read from.
     *
     * @return the path as it was given
     */
    public Path path() {
        return path;
    }

    /**
     * The version of the format.
     *
     * @return 2 or 3
     */
    public int version() {
        return header.version();
    }

    /**
     * The keys and values.
     *
     * @return in the file's order
     */
    public GgufMetadata metadata() {
        return header.metadata();
    }

    /** The bytes of a string that are not UTF-8; {@code null} for every other key. */
    byte @Nullable [] lossyText(String key) {
        return header.lossyTexts().get(key);
    }

    /** Where the description of a tensor begins, in bytes; -1 if there is no such tensor. */
    long tensorOffset(String name) {
        return header.tensorOffsets().getOrDefault(name, -1L);
    }

    /**
     * The descriptions of the tensors.
     *
     * @return an unmodifiable list in the file's order, which is also the order of their data
     */
    public List<GgufTensor> tensors() {
        return header.tensors();
    }

    /**
     * The description of one tensor.
     *
     * @param name its name
     * @return the description, or empty if the file has no such tensor
     */
    public Optional<GgufTensor> tensor(String name) {
        return Optional.ofNullable(tensorsByName.get(Objects.requireNonNull(name, "name")));
    }

    /**
     * What tensor data is aligned to.
     *
     * @return bytes, a power of two
     */
    public int alignment() {
        return header.alignment();
    }

    /**
     * Where the data section begins.
     *
     * @return bytes from the start of the file
     */
    public long dataOffset() {
        return header.dataOffset();
    }

    /**
     * The size of the whole file when it was read.
     *
     * @return bytes
     */
    public long fileSize() {
        return fileSize;
    }

    /**
     * How many numbers all tensors hold.
     *
     * @return the number of parameters
     */
    public long parameters() {
        return tensors().stream().mapToLong(GgufTensor::elements).sum();
    }

    /**
     * The stored data of a tensor, to write it into another file. Each use opens the file anew.
     *
     * @param tensor one of this file's tensors
     * @return a source of its bytes
     */
    public TensorSource source(GgufTensor tensor) {
        Objects.requireNonNull(tensor, "tensor");
        return out -> {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                transfer(channel, dataOffset() + tensor.offset(), tensor.byteSize(), out);
            }
        };
    }

    /**
     * The numbers of a tensor, decoded. For F32, F16, BF16, Q8_0 and Q4_0.
     *
     * @param tensor one of this file's tensors
     * @return all of them, row after row
     * @throws IllegalArgumentException if its type cannot be decoded here or it does not fit a Java array
     * @throws IOException if the file cannot be read or has become shorter
     */
    public float[] floats(GgufTensor tensor) throws IOException {
        RowCodec codec = RowCodec.of(tensor.type());
        if (tensor.elements() > Integer.MAX_VALUE - 8 || tensor.byteSize() > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(tensor.name() + " with " + tensor.elements() + " numbers is too large");
        }
        var bytes = ByteBuffer.allocate((int) tensor.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, dataOffset() + tensor.offset() + bytes.position()) < 0) {
                    throw new EOFException(path + " ends inside " + tensor.name());
                }
            }
        }
        float[] result = new float[(int) tensor.elements()];
        codec.decode(bytes.flip(), result);
        return result;
    }

    @Override
    public String toString() {
        return "GgufFile[" + path + ", version " + version() + ", "
                + metadata().asMap().size() + " keys, " + tensors().size() + " tensors, " + fileSize + " bytes]";
    }

    private static void transfer(FileChannel from, long position, long count, WritableByteChannel to)
            throws IOException {
        long done = 0;
        while (done < count) {
            long moved = from.transferTo(position + done, count - done, to);
            if (moved <= 0 && position + done >= from.size()) {
                throw new EOFException("the file ends at " + from.size() + ", expected " + (position + count));
            }
            done += moved;
        }
    }
}
