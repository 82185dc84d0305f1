package io.github.panllama;

import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufType;
import io.github.panllama.gguf.GgufValue;
import java.util.List;

/** What llama.cpp takes for granted of an adapter's file, checked before: it ends the process over each of these. */
final class LoraCheck {
    private final GgufFile file;

    private LoraCheck(GgufFile file) {
        this.file = file;
    }

    /** {@code ModelLoadException} names the file and what is wrong with it. */
    static void check(GgufFile file, LlamaModel model) {
        LoraCheck check = new LoraCheck(file);
        for (String key : List.of("general.type", "general.architecture", "adapter.type")) {
            check.type(key, GgufType.STRING);
        }
        check.type("adapter.lora.alpha", GgufType.FLOAT32);
        String architecture = file.metadata().architecture().orElse("");
        if (!architecture.equals(model.architecture())) {
            throw check.refused("it is for the architecture \"%s\", the model is of \"%s\""
                    .formatted(architecture, model.architecture()));
        }
        file.tensors().forEach(check::tensor);
    }

    private void type(String key, GgufType type) {
        GgufValue value = file.metadata().find(key).orElse(null);
        if (value != null && value.type() != type) {
            throw refused("%s is %s (%s), must be a %s".formatted(key, value, value.type(), type));
        }
    }

    private void tensor(GgufTensor tensor) {
        WeightTypes.check(file, tensor);
        if (tensor.shape().stream().skip(2).anyMatch(length -> length != 1)) {
            throw refused(
                    "tensor %s has the shape %s, must have two dimensions".formatted(tensor.name(), tensor.shape()));
        }
    }

    private ModelLoadException refused(String reason) {
        return new ModelLoadException("Cannot load %s: %s".formatted(file.path(), reason), List.of());
    }
}
