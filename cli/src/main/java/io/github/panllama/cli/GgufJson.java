package io.github.panllama.cli;

import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufType;
import io.github.panllama.gguf.GgufValue;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A GGUF file as the object that {@code inspect --json} prints. */
final class GgufJson {
    private GgufJson() {}

    static Map<String, Object> of(GgufFile file, boolean withTensors) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("file", file.path().toString());
        object.put("file_size", file.fileSize());
        object.put("version", file.version());
        object.put("alignment", file.alignment());
        object.put("data_offset", file.dataOffset());
        object.put("tensor_count", file.tensors().size());
        object.put("parameters", file.parameters());
        Map<String, Object> metadata = new LinkedHashMap<>();
        file.metadata().asMap().forEach((key, value) -> metadata.put(key, value(value)));
        object.put("metadata", metadata);
        if (withTensors) {
            object.put("tensors", file.tensors().stream().map(GgufJson::tensor).toList());
        }
        return object;
    }

    private static Map<String, Object> tensor(GgufTensor tensor) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("name", tensor.name());
        object.put("type", tensor.type().ggmlName());
        object.put("shape", tensor.shape());
        object.put("size", tensor.byteSize());
        object.put("offset", tensor.offset());
        return object;
    }

    private static Object value(GgufValue value) {
        return switch (value) {
            case GgufValue.Whole whole
            when whole.type() == GgufType.UINT64 && whole.value() < 0 -> new BigInteger(whole.toString());
            case GgufValue.Whole whole -> whole.value();
            // A float prints as the shortest text that reads back as it: 1.0E-5, not 9.999999747378752E-6.
            case GgufValue.Real real when real.type() == GgufType.FLOAT32 -> (float) real.value();
            case GgufValue.Real real -> real.value();
            case GgufValue.Bool bool -> bool.value();
            case GgufValue.Text text -> text.value();
            case GgufValue.Array array -> elements(array);
        };
    }

    private static List<Object> elements(GgufValue.Array array) {
        return IntStream.range(0, array.size())
                .mapToObj(i -> value(array.get(i)))
                .toList();
    }
}
