package io.github.panllama.gguf;

import java.util.List;

/** What llama.cpp takes for granted of a file with an adapter. */
final class AdapterRules {
    /** The third counts experts. */
    private static final int MAX_DIMENSIONS = 3;

    private AdapterRules() {}

    static void check(ModelHeader header) {
        for (String key : List.of("general.type", "general.architecture", "adapter.type")) {
            type(header, key, GgufType.STRING);
        }
        type(header, "adapter.lora.alpha", GgufType.FLOAT32);
        for (GgufTensor tensor : header.first().tensors()) {
            if (tensor.shape().stream().skip(MAX_DIMENSIONS).anyMatch(length -> length != 1)) {
                throw header.invalidTensor(
                        tensor.name(),
                        "has the shape %s, must have at most %d dimensions".formatted(tensor.shape(), MAX_DIMENSIONS));
            }
        }
    }

    private static void type(ModelHeader header, String key, GgufType type) {
        GgufValue value = header.value(key);
        if (value != null && value.type() != type) {
            throw header.invalid(key, "is %s (%s), must be a %s".formatted(value, value.type(), type));
        }
    }
}
