package io.github.panllama.chat;

import java.util.List;
import java.util.Objects;

/**
 * One message of a conversation. Of its texts a lone surrogate becomes {@code ?}; all else is passed on as it is, also
 * where it spells a special token of the model, which then counts as that token.
 *
 * @param role who says it
 * @param content its text
 * @param reasoning what an assistant thought before it, empty for nothing; most templates leave it out
 * @param toolCalls what an assistant called
 * @param toolCallId of a tool's result: the {@linkplain ToolCall#id() call}; else empty
 * @param toolName of a tool's result: the tool; else empty
 */
public record ChatMessage(
        ChatRole role, String content, String reasoning, List<ToolCall> toolCalls, String toolCallId, String toolName) {
    /** Copies the list, and refuses {@code null}. */
    public ChatMessage {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(content, "content");
        Objects.requireNonNull(reasoning, "reasoning");
        toolCalls = List.copyOf(toolCalls);
        Objects.requireNonNull(toolCallId, "toolCallId");
        Objects.requireNonNull(toolName, "toolName");
    }

    /** How the model shall behave. */
    public static ChatMessage system(String content) {
        return of(ChatRole.SYSTEM, content);
    }

    /** A question. */
    public static ChatMessage user(String content) {
        return of(ChatRole.USER, content);
    }

    /** An answer. */
    public static ChatMessage assistant(String content) {
        return of(ChatRole.ASSISTANT, content);
    }

    /** What a tool answered. */
    public static ChatMessage toolResult(ToolCall call, String content) {
        return new ChatMessage(ChatRole.TOOL, content, "", List.of(), call.id(), call.name());
    }

    private static ChatMessage of(ChatRole role, String content) {
        return new ChatMessage(role, content, "", List.of(), "", "");
    }
}
