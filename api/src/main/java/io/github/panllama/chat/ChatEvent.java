package io.github.panllama.chat;

import java.util.Objects;

/** What happens in a turn, as it happens. */
public sealed interface ChatEvent {
    /**
     * Turns were left out of what the model is given: {@link HistoryPolicy#DROP_OLDEST}.
     *
     * @param count messages that were left out, besides those that were before
     */
    record MessagesDropped(int count) implements ChatEvent {}

    /**
     * The model thinks.
     *
     * @param text what is new of it: whole characters, never a part of a mark
     */
    record Reasoning(String text) implements ChatEvent {
        public Reasoning {
            Objects.requireNonNull(text, "text");
        }
    }

    /**
     * The model answers.
     *
     * @param text what is new of it: whole characters, never a part of a mark
     */
    record Content(String text) implements ChatEvent {
        public Content {
            Objects.requireNonNull(text, "text");
        }
    }

    /**
     * The model begins to call a tool.
     *
     * @param index of the call in its reply, from 0
     * @param name of the tool
     */
    record ToolCallBegun(int index, String name) implements ChatEvent {
        public ToolCallBegun {
            Objects.requireNonNull(name, "name");
        }
    }

    /**
     * The model goes on with a tool call.
     *
     * @param index of the call in its reply, from 0
     * @param arguments what is new of its arguments, a part of a JSON object
     */
    record ToolCallDelta(int index, String arguments) implements ChatEvent {
        public ToolCallDelta {
            Objects.requireNonNull(arguments, "arguments");
        }
    }

    /**
     * The model has called a tool.
     *
     * @param index of the call in its reply, from 0
     * @param call the whole call
     */
    record ToolCalled(int index, ToolCall call) implements ChatEvent {
        public ToolCalled {
            Objects.requireNonNull(call, "call");
        }
    }

    /**
     * A tool has answered.
     *
     * @param call what it was called with
     * @param result what the model is told
     * @param failed whether it threw, or was not called at all
     */
    record ToolResult(ToolCall call, String result, boolean failed) implements ChatEvent {
        public ToolResult {
            Objects.requireNonNull(call, "call");
            Objects.requireNonNull(result, "result");
        }
    }

    /**
     * The turn has ended; the last event.
     *
     * @param result the whole of it
     */
    record Finished(ChatResult result) implements ChatEvent {
        public Finished {
            Objects.requireNonNull(result, "result");
        }
    }
}
