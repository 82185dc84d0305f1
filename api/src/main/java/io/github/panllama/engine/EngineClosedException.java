package io.github.panllama.engine;

import io.github.panllama.LlamaException;
import org.jspecify.annotations.Nullable;

/** The engine was closed, or has failed for good, before the generation ended. */
public class EngineClosedException extends LlamaException {
    private static final long serialVersionUID = 1L;

    EngineClosedException(@Nullable Throwable failure) {
        super(failure == null ? "The engine is closed" : "The engine has failed: " + failure.getMessage());
        if (failure != null) {
            initCause(failure);
        }
    }
}
