package io.github.panllama.cli;

import org.jspecify.annotations.Nullable;

/** Something that the user gave, or the machine, does not do: exit code 1, with this message. */
final class FailureException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FailureException(String message) {
        this(message, null);
    }

    FailureException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
