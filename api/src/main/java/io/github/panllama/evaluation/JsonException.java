package io.github.panllama.evaluation;

/** A text is no JSON, or not the JSON that was expected. Its reader turns it into an exception that names the file. */
final class JsonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JsonException(String message) {
        super(message);
    }
}
