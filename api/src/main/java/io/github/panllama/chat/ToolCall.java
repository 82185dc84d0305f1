package io.github.panllama.chat;

import java.util.Objects;

/**
 * A call of a tool, as a model asked for it.
 *
 * @param id what the result refers to; empty where the format has none
 * @param name of the tool
 * @param arguments a JSON object
 */
public record ToolCall(String id, String name, String arguments) {
    /** Refuses {@code null}. */
    public ToolCall {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(arguments, "arguments");
    }
}
