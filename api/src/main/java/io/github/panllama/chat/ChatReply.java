package io.github.panllama.chat;

import java.util.List;
import java.util.Objects;

/**
 * A model's reply, taken apart.
 *
 * @param content the answer
 * @param reasoning what the model thought before it; empty for nothing
 * @param toolCalls the tools that it calls
 */
public record ChatReply(String content, String reasoning, List<ToolCall> toolCalls) {
    /** Copies the list, and refuses {@code null}. */
    public ChatReply {
        Objects.requireNonNull(content, "content");
        Objects.requireNonNull(reasoning, "reasoning");
        toolCalls = List.copyOf(toolCalls);
    }

    /** The reply as a message, for the conversation to go on. */
    public ChatMessage toMessage() {
        return new ChatMessage(ChatRole.ASSISTANT, content, reasoning, toolCalls, "", "");
    }
}
