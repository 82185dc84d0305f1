package io.github.panllama;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A model that cannot be quantised as asked. Nothing was written. */
public class QuantizationException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private final @Nullable String tensor;

    QuantizationException(String message, @Nullable String tensor) {
        super(message);
        this.tensor = tensor;
    }

    /** The tensor that stands in the way, where it is one. */
    public Optional<String> tensor() {
        return Optional.ofNullable(tensor);
    }
}
