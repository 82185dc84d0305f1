package io.github.panllama;

/** A failure of the native library or of a file given to it; the root of this library's own exceptions. */
public class LlamaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception with a message that names the value at fault and the way out. */
    public LlamaException(String message) {
        super(message);
    }

    /** Creates an exception with a message and what led to it. */
    public LlamaException(String message, Throwable cause) {
        super(message, cause);
    }
}
