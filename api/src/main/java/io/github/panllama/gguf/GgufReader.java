package io.github.panllama.gguf;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses a header and refuses one that is malformed. What the values mean is not its business. */
final class GgufReader {
    static final int MAGIC = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;
    static final int DEFAULT_ALIGNMENT = 32;
    static final int MAX_ALIGNMENT = 1 << 20;
    static final String ALIGNMENT_KEY = "general.alignment";
    static final int MAX_KEY_BYTES = 65_535;

    private static final int MAX_KEYS = 1 << 16;
    private static final int MAX_TENSORS = 1 << 17;
    private static final int MAX_ARRAY_DEPTH = 4;
    private static final int MAX_NESTED_ARRAYS = 1 << 16;
    private static final int MAX_STRING_BYTES = 1 << 28;

    /** Length, one character, type, one byte of value. */
    private static final int LEAST_KEY_BYTES = 8 + 1 + 4 + 1;

    /** Length, one character, dimension count, type, offset. */
    private static final int LEAST_TENSOR_BYTES = 8 + 1 + 4 + 4 + 8;

    /** What was read, before anyone adds the file that it came from. */
    record Header(
            int version,
            GgufMetadata metadata,
            Map<String, byte[]> lossyTexts,
            int alignment,
            List<GgufTensor> tensors,
            Map<String, Long> tensorOffsets,
            long dataOffset) {
        Header {
            lossyTexts = Map.copyOf(lossyTexts);
            tensors = List.copyOf(tensors);
            tensorOffsets = Map.copyOf(tensorOffsets);
        }
    }

    private final HeaderInput in;
    private final Map<String, byte[]> lossyTexts = new LinkedHashMap<>();
    private final Map<String, Long> keyOffsets = new HashMap<>();
    private final Map<String, Long> tensorOffsets = new HashMap<>();
    private int nestedArrays;

    private GgufReader(HeaderInput in) {
        this.in = in;
    }

    static Header read(HeaderInput.Source source, long fileSize) throws IOException {
        return new GgufReader(new HeaderInput(source, fileSize)).header();
    }

    private Header header() throws IOException {
        int version = version();
        int tensorCount = in.count("number of tensors", MAX_TENSORS, LEAST_TENSOR_BYTES);
        int keyCount = in.count("number of keys", MAX_KEYS, LEAST_KEY_BYTES);
        Map<String, GgufValue> values = LinkedHashMap.newLinkedHashMap(keyCount);
        int alignment = DEFAULT_ALIGNMENT;
        for (int i = 0; i < keyCount; i++) {
            long at = in.position();
            String key = in.name("key", MAX_KEY_BYTES);
            in.enter(key);
            GgufValue value = value(key);
            if (values.putIfAbsent(key, value) != null) {
                throw in.invalid("the key appears twice", at);
            }
            keyOffsets.put(key, at);
            if (key.equals(ALIGNMENT_KEY)) {
                alignment = alignment(value, at);
            }
            in.enter(null);
        }
        var layout = new TensorLayout(in, alignment);
        List<GgufTensor> tensors = tensors(tensorCount, layout);
        long dataOffset = layout.finish();
        var metadata = new GgufMetadata(values, keyOffsets);
        return new Header(version, metadata, lossyTexts, alignment, tensors, tensorOffsets, dataOffset);
    }

    private int version() throws IOException {
        int magic = in.int32("magic number");
        if (magic != MAGIC) {
            throw in.invalid("not a GGUF file: it begins with 0x%08x".formatted(Integer.reverseBytes(magic)), 0);
        }
        long at = in.position();
        int version = in.int32("version");
        if (version != 0 && (version & 0xFFFF) == 0) {
            throw in.invalid("big-endian GGUF is not supported; convert the file to little-endian", at);
        }
        if (version == 1) {
            throw in.invalid("GGUF version 1 is not supported (2 and 3 are); convert the model again", at);
        }
        if (version != 2 && version != 3) {
            throw in.invalid("unknown GGUF version " + Integer.toUnsignedString(version) + " (2 and 3 are known)", at);
        }
        return version;
    }

    private int alignment(GgufValue value, long at) {
        if (!(value instanceof GgufValue.Whole(GgufType type, long bytes)) || type != GgufType.UINT32) {
            throw in.invalid("the alignment must be a UINT32, it is a " + value.type(), at);
        }
        if (Long.bitCount(bytes) != 1 || bytes > MAX_ALIGNMENT) {
            throw in.invalid("alignment " + bytes + " is not a power of two up to " + MAX_ALIGNMENT, at);
        }
        return (int) bytes;
    }

    private GgufType type() throws IOException {
        long at = in.position();
        int id = in.int32("value type");
        GgufType type = GgufType.byId(id);
        if (type == null) {
            throw in.invalid("unknown value type " + Integer.toUnsignedString(id), at);
        }
        return type;
    }

    private GgufValue value(String key) throws IOException {
        GgufType type = type();
        return switch (type) {
            case UINT8 -> new GgufValue.Whole(type, Byte.toUnsignedInt(in.int8("value")));
            case INT8 -> new GgufValue.Whole(type, in.int8("value"));
            case UINT16 -> new GgufValue.Whole(type, Short.toUnsignedInt(in.int16("value")));
            case INT16 -> new GgufValue.Whole(type, in.int16("value"));
            case UINT32 -> new GgufValue.Whole(type, Integer.toUnsignedLong(in.int32("value")));
            case INT32 -> new GgufValue.Whole(type, in.int32("value"));
            case UINT64, INT64 -> new GgufValue.Whole(type, in.int64("value"));
            case FLOAT32 -> new GgufValue.Real(type, Float.intBitsToFloat(in.int32("value")));
            case FLOAT64 -> new GgufValue.Real(type, Double.longBitsToDouble(in.int64("value")));
            case BOOL -> new GgufValue.Bool(in.int8("value") != 0);
            case STRING -> new GgufValue.Text(string(key));
            case ARRAY -> array(1);
        };
    }

    private String string(String key) throws IOException {
        byte[] bytes = new byte[in.count("length of the string", MAX_STRING_BYTES, 1)];
        in.bytes(bytes, 0, bytes.length, "string");
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.indexOf(0xFFFD) >= 0 && !Arrays.equals(bytes, text.getBytes(StandardCharsets.UTF_8))) {
            lossyTexts.put(key, bytes);
        }
        return text;
    }

    private GgufValue.Array array(int depth) throws IOException {
        long at = in.position();
        if (depth > MAX_ARRAY_DEPTH) {
            throw in.invalid("arrays are nested deeper than " + MAX_ARRAY_DEPTH, at);
        }
        GgufType type = type();
        return switch (type) {
            case STRING -> strings();
            case ARRAY -> arrays(depth);
            default -> {
                int count = in.count("length of the array", Integer.MAX_VALUE / type.byteSize(), type.byteSize());
                byte[] bytes = new byte[count * type.byteSize()];
                in.bytes(bytes, 0, bytes.length, "array");
                yield new FixedArray(type, bytes);
            }
        };
    }

    private TextArray strings() throws IOException {
        int count = in.count("length of the array", Integer.MAX_VALUE / Long.BYTES, Long.BYTES);
        var builder = new TextArray.Builder(count);
        for (int i = 0; i < count; i++) {
            if (in.buffered(builder)) {
                continue;
            }
            int length = in.count("length of a string in the array", MAX_STRING_BYTES, 1);
            byte[] target = builder.reserve(length);
            in.bytes(target, builder.start(), length, "string in the array");
        }
        return builder.build();
    }

    private NestedArray arrays(int depth) throws IOException {
        long at = in.position();
        int count = in.count("length of the array", MAX_NESTED_ARRAYS, 4 + 8);
        nestedArrays += count;
        if (nestedArrays > MAX_NESTED_ARRAYS) {
            throw in.invalid("more than " + MAX_NESTED_ARRAYS + " nested arrays", at);
        }
        List<GgufValue.Array> elements = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            elements.add(array(depth + 1));
        }
        return new NestedArray(elements);
    }

    private List<GgufTensor> tensors(int count, TensorLayout layout) throws IOException {
        List<GgufTensor> tensors = new ArrayList<>(count);
        Set<String> names = HashSet.newHashSet(count);
        for (int i = 0; i < count; i++) {
            long at = in.position();
            String name = in.name("tensor name", GgufTensor.MAX_NAME_BYTES);
            in.enter(name);
            if (!names.add(name)) {
                throw in.invalid("the tensor name appears twice", at);
            }
            tensorOffsets.put(name, at);
            tensors.add(layout.next(tensor(name)));
            in.enter(null);
        }
        return tensors;
    }

    private GgufTensor tensor(String name) throws IOException {
        long at = in.position();
        int dimensions = in.int32("number of dimensions");
        if (dimensions < 0 || dimensions > GgufTensor.MAX_DIMENSIONS) {
            throw in.invalid(
                    Integer.toUnsignedString(dimensions) + " dimensions, at most " + GgufTensor.MAX_DIMENSIONS, at);
        }
        List<Long> shape = new ArrayList<>(dimensions);
        for (int i = 0; i < dimensions; i++) {
            shape.add(in.int64("dimension"));
        }
        long typeAt = in.position();
        int typeId = in.int32("tensor type");
        GgmlType type = GgmlType.byId(typeId);
        if (type == null) {
            throw in.invalid("unknown or withdrawn tensor type " + typeId, typeAt);
        }
        long offset = in.int64("tensor offset");
        try {
            return GgufTensor.of(name, shape, type, offset);
        } catch (IllegalArgumentException e) {
            throw in.invalid("shape " + shape + ": " + e.getMessage(), at);
        } catch (ArithmeticException e) {
            throw in.invalid("shape " + shape + " has more elements or bytes than 63 bits hold", at);
        }
    }
}
