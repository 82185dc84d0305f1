package io.github.panllama.cli;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The user asked for something that cannot be: exit code 2. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(@Nullable String message) {
        super(message);
    }

    /** Runs what refuses only values that the user gave as options. */
    static <T> T checking(Supplier<T> action) {
        try {
            return action.get();
        } catch (IllegalArgumentException e) {
            UsageException usage = new UsageException(e.getMessage());
            usage.initCause(e);
            throw usage;
        }
    }
}
