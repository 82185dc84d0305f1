package io.github.panllama.training.corpus;

import java.util.List;

/**
 * One message that precedes the answer.
 *
 * @param role whose it is
 * @param content its text; empty where an assistant only calls a tool
 * @param toolCalls what the assistant calls, mostly nothing
 */
public record Message(Role role, String content, List<ToolCall> toolCalls) {
    /** Keeps a copy of the list. */
    public Message {
        toolCalls = List.copyOf(toolCalls);
    }

    static Message user(String content) {
        return new Message(Role.USER, content, List.of());
    }

    static Message assistant(Reply reply) {
        return new Message(Role.ASSISTANT, reply.content(), reply.toolCalls());
    }

    static Message toolResult(String content) {
        return new Message(Role.TOOL, content, List.of());
    }
}
