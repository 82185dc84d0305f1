package io.github.panllama.chat;

import java.util.Objects;

/**
 * A tool that the model may call.
 *
 * @param name a word, such as {@code calculator}
 * @param description for the model: what it does
 * @param parameters a JSON schema of the arguments, such as
 *     {@code {"type": "object", "properties": {"expression": {"type": "string"}}, "required": ["expression"]}}
 */
public record ChatTool(String name, String description, String parameters) {
    /** Refuses {@code null}, an empty name, and a schema that is no JSON, or larger or deeper than native code bears. */
    public ChatTool {
        Limits.word("name", name);
        Objects.requireNonNull(description, "description");
        ToolSchema.check("parameters", parameters);
    }
}
