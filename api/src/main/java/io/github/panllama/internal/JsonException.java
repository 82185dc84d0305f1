package io.github.panllama.internal;

/** A text is no JSON, or not the JSON that was expected. Its reader turns it into an exception that names the file. */
public final class JsonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says what is wrong. */
    public JsonException(String message) {
        super(message);
    }
}
