package io.github.panllama;

import org.jspecify.annotations.Nullable;

/**
 * The native library could not be found, loaded or trusted. Every later call fails in the same way: the reason does
 * not go away while the process lives.
 */
public final class NativeLibraryException extends LlamaException {
    private static final long serialVersionUID = 1L;

    /** An exception with a message. */
    public NativeLibraryException(String message) {
        super(message);
    }

    NativeLibraryException(String message, @Nullable Throwable cause) {
        super(message);
        if (cause != null) {
            initCause(cause);
        }
    }
}
