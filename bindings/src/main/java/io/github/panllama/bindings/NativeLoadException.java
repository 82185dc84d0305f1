package io.github.panllama.bindings;

import org.jspecify.annotations.Nullable;

/** The native libraries are missing, damaged, or do not fit these bindings. The message names the file and the way out. */
public class NativeLoadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** An exception with its reason. */
    public NativeLoadException(String message) {
        super(message);
    }

    /** An exception with its reason and what lies under it. */
    public NativeLoadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
