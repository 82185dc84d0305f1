package io.github.panllama;

/** A batch that was not, or not wholly, evaluated. {@link #status()} says what the memory holds now. */
public class DecodeException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private final DecodeStatus status;

    /** An exception with a status and a message. */
    public DecodeException(DecodeStatus status, String message) {
        super(message);
        this.status = status;
    }

    /** Why the batch was not evaluated. */
    public DecodeStatus status() {
        return status;
    }
}
