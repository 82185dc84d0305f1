package io.github.panllama.chat;

import io.github.panllama.internal.JsonFields;
import io.github.panllama.internal.JsonNode;
import io.github.panllama.internal.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Requests as llama-server takes them, and the same for this library. */
final class ChatRequests {
    private ChatRequests() {}

    /** All that a request of the tables may have. */
    private static final List<String> KEYS = List.of(
            "messages",
            "tools",
            "tool_choice",
            "parallel_tool_calls",
            "chat_template_kwargs",
            "reasoning_effort",
            "continue_final_message",
            "add_generation_prompt",
            "response_format");

    /** A request, as it is sent and as it is rendered. */
    record ChatRequest(String name, String json, JsonFields fields) {
        static ChatRequest of(String name, JsonNode node) {
            return new ChatRequest(name, node.source(), node.fields(name));
        }

        ChatPrompt render(ChatTemplate template, ChatTemplateOptions.Builder options) {
            return template.render(messages(fields), options(fields, options));
        }
    }

    /** The conversations of the table. */
    static List<ChatRequest> conversations() {
        return JsonParser.parse(resource("conversations.json")).list("the table").stream()
                .map(node -> node.fields("a conversation"))
                .map(row -> ChatRequest.of(row.get("name").text("name"), row.get("request")))
                .toList();
    }

    static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(ChatRequests.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(name, e);
        }
    }

    private static List<ChatMessage> messages(JsonFields request) {
        return request.get("messages").list("messages").stream()
                .map(node -> message(node.fields("a message")))
                .toList();
    }

    private static ChatMessage message(JsonFields message) {
        List<ToolCall> calls =
                message.find("tool_calls").map(node -> node.list("tool_calls")).orElse(List.of()).stream()
                        .map(node -> call(node.fields("a call")))
                        .toList();
        return new ChatMessage(
                role(message.get("role").text("role")),
                message.text("content").orElse(""),
                message.text("reasoning_content").orElse(""),
                calls,
                message.text("tool_call_id").orElse(""),
                message.text("name").orElse(""));
    }

    private static ChatRole role(String name) {
        return List.of(ChatRole.values()).stream()
                .filter(role -> role.templateName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no role " + name));
    }

    private static ToolCall call(JsonFields call) {
        JsonFields function = call.get("function").fields("function");
        return new ToolCall(
                call.text("id").orElse(""),
                function.get("name").text("name"),
                function.get("arguments").text("arguments"));
    }

    private static ChatTemplateOptions options(JsonFields request, ChatTemplateOptions.Builder options) {
        request.map().keySet().stream().filter(key -> !KEYS.contains(key)).forEach(key -> {
            throw new AssertionError("no option stands for " + key);
        });
        request.find("tools").ifPresent(tools -> options.tools(tools(tools)));
        request.text("tool_choice")
                .ifPresent(choice -> options.toolChoice(ToolChoice.valueOf(choice.toUpperCase(java.util.Locale.ROOT))));
        request.find("parallel_tool_calls")
                .ifPresent(parallel -> options.parallelToolCalls(parallel.truth("parallel_tool_calls")));
        request.text("reasoning_effort").ifPresent(options::reasoningEffort);
        request.find("chat_template_kwargs").ifPresent(arguments -> arguments(arguments, options));
        request.find("response_format")
                .ifPresent(format -> options.responseSchema(format.fields("format")
                        .get("json_schema")
                        .fields("json_schema")
                        .get("schema")
                        .source()));
        Optional<String> continuation = request.text("continue_final_message");
        continuation.ifPresent(
                kind -> options.continuation(kind.equals("content") ? Continuation.CONTENT : Continuation.REASONING));
        request.find("add_generation_prompt")
                .filter(_ -> continuation.isEmpty())
                .ifPresent(prompt -> options.generationPrompt(prompt.truth("add_generation_prompt")));
        return options.build();
    }

    private static List<ChatTool> tools(JsonNode tools) {
        return tools.list("tools").stream()
                .map(node -> node.fields("a tool").get("function").fields("a function"))
                .map(tool -> new ChatTool(
                        tool.get("name").text("name"),
                        tool.text("description").orElse(""),
                        tool.get("parameters").source()))
                .toList();
    }

    private static void arguments(JsonNode arguments, ChatTemplateOptions.Builder options) {
        Map<String, JsonNode> named = arguments.fields("chat_template_kwargs").map().entrySet().stream()
                .collect(Collectors.toMap(entry -> (String) entry.getKey(), entry -> (JsonNode) entry.getValue()));
        named.forEach((name, value) -> {
            switch (name) {
                case "enable_thinking" -> options.thinking(value.truth(name));
                case "preserve_reasoning" -> options.preserveReasoning(value.truth(name));
                default -> options.argument(name, value.source());
            }
        });
    }
}
