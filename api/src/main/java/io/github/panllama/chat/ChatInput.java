package io.github.panllama.chat;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a template is applied to, as native code holds it; lives in the arena of one call. */
final class ChatInput {
    private final MemorySegment input;
    private final Continuation continuation;
    private long length;

    /**
     * An input.
     *
     * @param requiredToolAlone without the tools that are not required
     */
    ChatInput(Arena arena, List<ChatMessage> messages, ChatTemplateOptions options, boolean requiredToolAlone) {
        input = ChatNatives.create(
                arena,
                LlamaC::panllama_chat_input_create,
                LlamaC::panllama_chat_input_free,
                ChatTemplateException::new);
        continuation = continuation(messages, options);
        messages.forEach(this::message);
        for (ChatTool tool : options.tools) {
            if (requiredToolAlone && !tool.name().equals(options.requiredTool)) {
                continue;
            }
            text(LlamaC.PANLLAMA_CHAT_TOOL(), tool.name());
            text(LlamaC.PANLLAMA_CHAT_TOOL_DESCRIPTION(), tool.description());
            text(LlamaC.PANLLAMA_CHAT_TOOL_PARAMETERS(), tool.parameters());
        }
        for (Map.Entry<String, String> argument : options.arguments.entrySet()) {
            text(LlamaC.PANLLAMA_CHAT_ARGUMENT(), argument.getKey());
            text(LlamaC.PANLLAMA_CHAT_ARGUMENT_VALUE(), argument.getValue());
        }
        text(LlamaC.PANLLAMA_CHAT_RESPONSE_SCHEMA(), options.responseSchema);
        option(
                LlamaC.PANLLAMA_CHAT_CONTINUATION(),
                switch (continuation) {
                    case NONE -> 0;
                    case AUTO -> 1;
                    case REASONING -> 2;
                    case CONTENT -> 3;
                });
        boolean begins = options.generationPrompt && continuation == Continuation.NONE;
        option(LlamaC.PANLLAMA_CHAT_GENERATION_PROMPT(), begins ? 1 : 0);
        optional(LlamaC.PANLLAMA_CHAT_THINKING(), options.thinking);
        optional(LlamaC.PANLLAMA_CHAT_PARALLEL_CALLS(), options.parallelToolCalls);
        if (options.time != null) {
            check(LlamaC.panllama_chat_input_time(input, options.time.toEpochSecond(ZoneOffset.UTC)));
        }
        option(
                LlamaC.PANLLAMA_CHAT_TOOL_CHOICE(),
                switch (options.toolChoice) {
                    case AUTO -> 0;
                    case REQUIRED -> 1;
                    case NONE -> 2;
                });
    }

    MemorySegment pointer() {
        return input;
    }

    /** Whether the reply has begun in the messages. */
    boolean continues() {
        return continuation != Continuation.NONE;
    }

    /** Whether the reply has begun, by the rules of llama-server. */
    private static Continuation continuation(List<ChatMessage> messages, ChatTemplateOptions options) {
        ChatMessage last = messages.getLast();
        if (!options.generationPrompt
                || options.continuation == Continuation.NONE
                || last.role() != ChatRole.ASSISTANT) {
            return Continuation.NONE;
        }
        if (messages.size() > 1 && messages.get(messages.size() - 2).role() == ChatRole.ASSISTANT) {
            throw new ChatTemplateException("A reply cannot go on after two messages of the assistant");
        }
        if (!last.toolCalls().isEmpty()) {
            throw new ChatTemplateException("A reply cannot go on after tool calls");
        }
        return options.continuation;
    }

    private void message(ChatMessage message) {
        text(LlamaC.PANLLAMA_CHAT_ROLE(), message.role().templateName());
        text(LlamaC.PANLLAMA_CHAT_CONTENT(), message.content());
        text(LlamaC.PANLLAMA_CHAT_REASONING(), message.reasoning());
        text(LlamaC.PANLLAMA_CHAT_TOOL_NAME(), message.toolName());
        text(LlamaC.PANLLAMA_CHAT_TOOL_CALL_ID(), message.toolCallId());
        for (ToolCall call : message.toolCalls()) {
            text(LlamaC.PANLLAMA_CHAT_CALL_NAME(), call.name());
            text(LlamaC.PANLLAMA_CHAT_CALL_ARGUMENTS(), Limits.json("arguments of a tool call", call.arguments()));
            text(LlamaC.PANLLAMA_CHAT_CALL_ID(), call.id());
        }
    }

    private void text(int kind, String text) {
        length += text.length();
        if (length > Limits.MAX_TEXT) {
            throw new IllegalArgumentException(
                    "The messages and tools have more than %d characters".formatted(Limits.MAX_TEXT));
        }
        if (text.isEmpty() && kind != LlamaC.PANLLAMA_CHAT_CALL_NAME()) {
            return;
        }
        try (Arena call = Arena.ofConfined()) {
            MemorySegment bytes = ChatNatives.utf8(call, text);
            check(LlamaC.panllama_chat_input_text(input, kind, bytes, bytes.byteSize()));
        }
    }

    private void optional(int option, @Nullable Boolean value) {
        if (value != null) {
            option(option, value ? 1 : 0);
        }
    }

    private void option(int option, int value) {
        check(LlamaC.panllama_chat_input_option(input, option, value));
    }

    private static void check(int status) {
        if (status != LlamaC.PANLLAMA_OK()) {
            throw ChatNatives.failure(ChatTemplateException::new);
        }
    }
}
