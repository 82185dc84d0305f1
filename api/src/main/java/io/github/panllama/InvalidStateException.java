package io.github.panllama;

/** Bytes that are no state for this context: of another model or release, damaged, or not made by this library. */
public class InvalidStateException extends LlamaException {
    private static final long serialVersionUID = 1L;

    /** An exception with a message. */
    public InvalidStateException(String message) {
        super(message);
    }
}
