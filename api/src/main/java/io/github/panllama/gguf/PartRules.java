package io.github.panllama.gguf;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Whether the files of a model are the parts of one, in their order. */
final class PartRules {
    static final String NUMBER = "split.no";
    static final String COUNT = "split.count";
    static final String TENSORS = "split.tensors.count";

    private PartRules() {}

    static void check(ModelHeader header) {
        List<GgufFile> parts = header.parts();
        long count = Math.max(1, header.whole(COUNT).orElse(1));
        if (parts.size() != count) {
            throw header.invalid(
                    COUNT, "is %d: the model has %d files, given are %d".formatted(count, count, parts.size()));
        }
        if (count == 1) {
            return;
        }
        long tensors = 0;
        Set<String> names = new HashSet<>();
        for (int i = 0; i < parts.size(); i++) {
            part(parts.get(i), i, count);
            for (GgufTensor tensor : parts.get(i).tensors()) {
                tensors++;
                if (!names.add(tensor.name())) {
                    throw header.invalidTensor(tensor.name(), "is in two parts of the model");
                }
            }
        }
        OptionalLong expected = header.whole(TENSORS);
        header.range(TENSORS, expected.orElse(0), tensors, tensors);
    }

    /** llama.cpp asserts the type of the number, and so ends the process over another. */
    private static void part(GgufFile part, int index, long count) {
        GgufMetadata metadata = part.metadata();
        GgufValue number = metadata.find(NUMBER).orElse(null);
        if (!(number instanceof GgufValue.Whole(GgufType type, long value))
                || type != GgufType.UINT16
                || value != index) {
            throw new InvalidGgufException(
                    "%s of %s is %s, must be %d of type UINT16".formatted(NUMBER, part.path(), number, index),
                    metadata.offset(NUMBER),
                    NUMBER);
        }
        if (metadata.find(COUNT).orElse(null) instanceof GgufValue.Whole whole && whole.value() == count) {
            return;
        }
        throw new InvalidGgufException(
                "%s of %s is %s, must be %d"
                        .formatted(COUNT, part.path(), metadata.find(COUNT).orElse(null), count),
                metadata.offset(COUNT),
                COUNT);
    }
}
