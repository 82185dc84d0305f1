package io.github.panllama.training.corpus;

import java.util.List;

/**
 * What the model answers, reasoning aside: a text or a tool call.
 *
 * @param content the text; empty with a tool call
 * @param toolCalls what is called, mostly nothing
 */
public record Reply(String content, List<ToolCall> toolCalls) {
    /** Keeps a copy of the list. */
    public Reply {
        toolCalls = List.copyOf(toolCalls);
    }

    static Reply text(String content) {
        return new Reply(content, List.of());
    }

    static Reply call(Calculation calculation) {
        return new Reply("", List.of(ToolCall.calculator(calculation)));
    }
}
