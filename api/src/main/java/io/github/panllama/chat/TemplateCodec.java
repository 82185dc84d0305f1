package io.github.panllama.chat;

import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.internal.NullableFields;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a conversation, and what comes of it, is written for a worker. What is checked here is checked there again. */
final class TemplateCodec {
    private static final int MAX_LIST = 1 << 20;
    private static final int MAX_TEXT = 1 << 26;

    /** The texts of a prompt that are of use here. */
    private static final List<Integer> KINDS = List.of(
            LlamaC.PANLLAMA_CHAT_PROMPT(),
            LlamaC.PANLLAMA_CHAT_REPLY_BEGIN(),
            LlamaC.PANLLAMA_CHAT_THINKING_BEGIN(),
            LlamaC.PANLLAMA_CHAT_THINKING_END(),
            LlamaC.PANLLAMA_CHAT_STOP(),
            LlamaC.PANLLAMA_CHAT_GRAMMAR(),
            LlamaC.PANLLAMA_CHAT_TRIGGER(),
            LlamaC.PANLLAMA_CHAT_PATTERN(),
            LlamaC.PANLLAMA_CHAT_FORMAT(),
            LlamaC.PANLLAMA_CHAT_PRESERVED());

    private TemplateCodec() {}

    /** A text, with a lone surrogate as {@code ?}: so does native code get it. */
    static void put(FrameWriter out, String text) {
        out.putString(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    }

    static String text(FrameReader in, String name) throws ProtocolException {
        return in.getString(name, MAX_TEXT);
    }

    static void write(List<ChatMessage> messages, FrameWriter out) {
        out.putInt(messages.size());
        for (ChatMessage message : messages) {
            NullableFields.putConstant(out, message.role());
            put(out, message.content());
            put(out, message.reasoning());
            writeCalls(message.toolCalls(), out);
            put(out, message.toolCallId());
            put(out, message.toolName());
        }
    }

    static List<ChatMessage> readMessages(FrameReader in) throws ProtocolException {
        List<ChatMessage> messages = new ArrayList<>();
        for (int i = in.getInt("messages", 1, MAX_LIST); i > 0; i--) {
            messages.add(new ChatMessage(
                    NullableFields.required(in, "role", ChatRole.class),
                    text(in, "content"),
                    text(in, "reasoning"),
                    readCalls(in),
                    text(in, "toolCallId"),
                    text(in, "toolName")));
        }
        return messages;
    }

    private static void writeCalls(List<ToolCall> calls, FrameWriter out) {
        out.putInt(calls.size());
        for (ToolCall call : calls) {
            put(out, call.id());
            put(out, call.name());
            put(out, call.arguments());
        }
    }

    private static List<ToolCall> readCalls(FrameReader in) throws ProtocolException {
        List<ToolCall> calls = new ArrayList<>();
        for (int i = in.getInt("toolCalls", 0, MAX_LIST); i > 0; i--) {
            calls.add(new ToolCall(text(in, "id"), text(in, "name"), text(in, "arguments")));
        }
        return calls;
    }

    static void write(ChatTemplateOptions options, FrameWriter out) {
        NullableFields.put(out, options.thinking);
        out.putBoolean(options.generationPrompt);
        NullableFields.putConstant(out, options.continuation);
        out.putInt(options.tools.size());
        for (ChatTool tool : options.tools) {
            put(out, tool.name());
            put(out, tool.description());
            put(out, tool.parameters());
        }
        NullableFields.putConstant(out, options.toolChoice);
        NullableFields.put(out, options.parallelToolCalls);
        put(out, options.requiredTool);
        put(out, options.responseSchema);
        out.putInt(options.arguments.size());
        options.arguments.forEach((name, json) -> {
            put(out, name);
            put(out, json);
        });
        out.putBoolean(options.time != null);
        if (options.time != null) {
            out.putLong(options.time.toEpochSecond(ZoneOffset.UTC));
        }
    }

    static ChatTemplateOptions readOptions(FrameReader in) throws ProtocolException {
        ChatTemplateOptions.Builder options = ChatTemplateOptions.builder();
        @Nullable Boolean thinking = NullableFields.truth(in, "thinking");
        if (thinking != null) {
            options.thinking(thinking);
        }
        options.generationPrompt(in.getBoolean("generationPrompt"));
        options.continuation(NullableFields.required(in, "continuation", Continuation.class));
        List<ChatTool> tools = new ArrayList<>();
        for (int i = in.getInt("tools", 0, MAX_LIST); i > 0; i--) {
            tools.add(new ChatTool(text(in, "name"), text(in, "description"), text(in, "parameters")));
        }
        options.tools(tools);
        options.toolChoice(NullableFields.required(in, "toolChoice", ToolChoice.class));
        @Nullable Boolean parallel = NullableFields.truth(in, "parallelToolCalls");
        if (parallel != null) {
            options.parallelToolCalls(parallel);
        }
        String required = text(in, "requiredTool");
        if (!required.isEmpty()) {
            options.requiredTool(required);
        }
        String schema = text(in, "responseSchema");
        if (!schema.isEmpty()) {
            options.responseSchema(schema);
        }
        for (int i = in.getInt("arguments", 0, MAX_LIST); i > 0; i--) {
            options.argument(text(in, "argument"), text(in, "value"));
        }
        if (in.getBoolean("time")) {
            options.time(LocalDateTime.ofEpochSecond(in.getLong("time"), 0, ZoneOffset.UTC));
        }
        return options.build();
    }

    /** Writes what a prompt's code says of it. */
    static void write(ChatPrompt prompt, FrameWriter out) {
        out.putBoolean(prompt.isContinuation());
        for (int kind : KINDS) {
            List<String> texts = prompt.source().texts(kind);
            out.putInt(texts.size());
            texts.forEach(text -> put(out, text));
        }
    }

    /** The texts of a prompt by their kinds, after {@code isContinuation}. */
    static Map<Integer, List<String>> readTexts(FrameReader in) throws ProtocolException {
        Map<Integer, List<String>> texts = new HashMap<>();
        for (int kind : KINDS) {
            List<String> list = new ArrayList<>();
            for (int i = in.getInt("texts", 0, MAX_LIST); i > 0; i--) {
                list.add(text(in, "text"));
            }
            texts.put(kind, List.copyOf(list));
        }
        return texts;
    }

    static void write(ChatReply reply, FrameWriter out) {
        put(out, reply.content());
        put(out, reply.reasoning());
        writeCalls(reply.toolCalls(), out);
    }

    static ChatReply readReply(FrameReader in) throws ProtocolException {
        return new ChatReply(text(in, "content"), text(in, "reasoning"), readCalls(in));
    }
}
