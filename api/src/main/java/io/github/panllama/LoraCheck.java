package io.github.panllama;

import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufValidator;
import io.github.panllama.gguf.InvalidGgufException;
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
        if (!file.metadata().isAdapter()) {
            String type =
                    file.metadata().find("general.type").map(Object::toString).orElse("");
            throw check.refused("general.type is \"%s\", must be \"adapter\"".formatted(type));
        }
        try {
            GgufValidator.of(file).validate();
        } catch (InvalidGgufException e) {
            throw new ModelLoadException("Cannot load %s: %s".formatted(file.path(), e.getMessage()), e);
        }
        String architecture = file.metadata().architecture().orElse("");
        if (!architecture.equals(model.architecture())) {
            throw check.refused("it is for the architecture \"%s\", the model is of \"%s\""
                    .formatted(architecture, model.architecture()));
        }
        LoraPairs.check(file, model.modelFiles()).ifPresent(problem -> {
            throw check.refused(problem);
        });
    }

    private ModelLoadException refused(String reason) {
        return new ModelLoadException("Cannot load %s: %s".formatted(file.path(), reason), List.of());
    }
}
