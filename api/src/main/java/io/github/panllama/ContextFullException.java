package io.github.panllama;

/**
 * A batch for which the context's memory has no room. Nothing of it was evaluated and the memory is as it was: remove
 * tokens or whole sequences, or send a smaller batch, and decode again.
 */
public class ContextFullException extends DecodeException {
    private static final long serialVersionUID = 1L;

    /** An exception with a message. */
    public ContextFullException(String message) {
        super(DecodeStatus.NO_ROOM, message);
    }
}
