package io.github.panllama.bindings;

import org.jspecify.annotations.Nullable;

/** The native libraries are missing, damaged, or do not fit these bindings. The message names the file and the way out. */
public class NativeLoadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * An exception with its reason.
     *
     * @param message what is wrong, with which file, and the way out
     */
    public NativeLoadException(String message) {
        super(message);
    }

    /**
     * An exception with its reason and what lies under it.
     *
     * @param message what is wrong, with which file, and the way out
     * @param cause what was thrown first, if anything
     */
    public NativeLoadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
