package io.github.panllama;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufType;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.gguf.TensorSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How large C's files will be: its header, and tensor data padded to its alignment. */
final class QuantizedSize {
    private static final List<String> SPLIT_KEYS = List.of("split.no", "split.count", "split.tensors.count");
    private static final TensorSource NOTHING = out -> {};

    private QuantizedSize() {}

    /** The bytes of all files. */
    static long of(QuantizationSource source, List<QuantizedTensor> tensors, boolean keepSplit) {
        Map<String, GgmlType> types = HashMap.newHashMap(tensors.size());
        tensors.forEach(tensor -> types.put(tensor.name(), tensor.to()));
        List<GgufFile> files = source.files();
        boolean split = keepSplit && files.size() > 1;
        long bytes = 0;
        GgufWriter writer = first(files.getFirst());
        for (int i = 0; i < files.size(); i++) {
            if (i > 0 && split) {
                bytes += writer.size();
                writer = new GgufWriter();
            }
            if (split) {
                writer.put("split.no", new GgufValue.Whole(GgufType.UINT16, i))
                        .put("split.count", new GgufValue.Whole(GgufType.UINT16, files.size()))
                        .put("split.tensors.count", GgufValue.int32(tensors.size()));
            }
            for (GgufTensor tensor : files.get(i).tensors()) {
                writer.tensor(tensor.name(), types.getOrDefault(tensor.name(), tensor.type()), NOTHING, shape(tensor));
            }
        }
        return bytes + writer.size();
    }

    /** All metadata, as C changes it. */
    private static GgufWriter first(GgufFile file) {
        GgufWriter writer = new GgufWriter().putAll(file);
        SPLIT_KEYS.forEach(writer::remove);
        if (file.metadata().find("general.alignment").isPresent()) {
            writer.put("general.alignment", 32);
        }
        return writer.put("general.quantization_version", 2).put("general.file_type", 0);
    }

    /** C leaves out dimensions of 1 at the end. */
    private static long[] shape(GgufTensor tensor) {
        int dimensions = tensor.shape().size();
        while (dimensions > 1 && tensor.shape().get(dimensions - 1) == 1) {
            dimensions--;
        }
        return dimensions == 0
                ? new long[] {1}
                : tensor.shape().subList(0, dimensions).stream()
                        .mapToLong(Long::longValue)
                        .toArray();
    }
}
