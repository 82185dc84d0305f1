package io.github.panllama.chat;

import io.github.panllama.LlamaException;
import java.util.Objects;

/** A text that a model wrote is not the JSON that was asked for. */
public class StructuredOutputException extends LlamaException {
    private static final long serialVersionUID = 1L;

    /** What the model wrote. */
    private final String json;

    /** Says what is wrong with the text. */
    public StructuredOutputException(String message, String json, Throwable cause) {
        super(message, cause);
        this.json = Objects.requireNonNull(json, "json");
    }

    /** The text, as the model wrote it. */
    public String json() {
        return json;
    }
}
