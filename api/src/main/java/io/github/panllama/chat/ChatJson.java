package io.github.panllama.chat;

import io.github.panllama.internal.JsonException;
import io.github.panllama.internal.JsonFields;
import io.github.panllama.internal.JsonNode;
import io.github.panllama.internal.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Conversations and tools as JSON, in the form of OpenAI's chat API, which llama-server takes too: messages as
 * {@code [{"role": "user", "content": "…"}, …]}, with {@code reasoning_content}, {@code tool_calls},
 * {@code tool_call_id} and {@code name} where there are such; tools as {@code [{"type": "function", "function":
 * {"name": "…", "description": "…", "parameters": {…}}}, …]}.
 *
 * <p><b>Threads.</b> Any.
 */
public final class ChatJson {
    private ChatJson() {}

    /**
     * Reads messages. Content may be a text, a list of parts with texts, which become lines, or {@code null}.
     *
     * @throws IllegalArgumentException if the text is no JSON of that form
     */
    public static List<ChatMessage> messages(String json) {
        return read("messages", json, ChatJson::message);
    }

    /**
     * Reads tools.
     *
     * @throws IllegalArgumentException if the text is no JSON of that form, or a schema cannot be used
     */
    public static List<ChatTool> tools(String json) {
        return read("tools", json, ChatJson::tool);
    }

    /** Writes messages, one a line. */
    public static String write(List<ChatMessage> messages) {
        return messages.stream().map(ChatJson::write).collect(Collectors.joining(",\n", "[", "]"));
    }

    /**
     * The text of a field of an object, such as an argument of a {@link ToolCall}.
     *
     * @throws IllegalArgumentException if the text is no JSON object with a text in that field
     */
    public static String text(String json, String field) {
        try {
            return JsonParser.parse(json).fields("The object").get(field).text(field);
        } catch (JsonException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static <T> List<T> read(String what, String json, Function<JsonFields, T> one) {
        try {
            List<T> all = new ArrayList<>();
            List<JsonNode> nodes = JsonParser.parse(Limits.json(what, json)).list("the whole");
            for (int i = 0; i < nodes.size(); i++) {
                all.add(one.apply(nodes.get(i).fields("element %d".formatted(i))));
            }
            return List.copyOf(all);
        } catch (JsonException e) {
            throw new IllegalArgumentException("These are no %s: %s".formatted(what, e.getMessage()), e);
        }
    }

    private static ChatMessage message(JsonFields fields) {
        return new ChatMessage(
                role(fields.get("role").text("role")),
                fields.find("content").map(ChatJson::content).orElse(""),
                fields.text("reasoning_content").orElse(""),
                fields.find("tool_calls").stream()
                        .flatMap(calls -> calls.list("tool_calls").stream())
                        .map(ChatJson::call)
                        .toList(),
                fields.text("tool_call_id").orElse(""),
                fields.text("name").orElse(""));
    }

    private static ChatRole role(String name) {
        for (ChatRole role : ChatRole.values()) {
            if (role.templateName().equals(name)) {
                return role;
            }
        }
        throw new JsonException("there is no role '%s'".formatted(name));
    }

    private static String content(JsonNode content) {
        return content.value() instanceof String text
                ? text
                : content.list("content").stream()
                        .map(part ->
                                part.fields("a part of the content").get("text").text("text"))
                        .collect(Collectors.joining("\n"));
    }

    private static ToolCall call(JsonNode node) {
        JsonFields call = node.fields("a tool call");
        JsonFields function = call.get("function").fields("function");
        JsonNode arguments = function.get("arguments");
        return new ToolCall(
                call.text("id").orElse(""),
                function.get("name").text("name"),
                arguments.value() instanceof String text ? text : arguments.source());
    }

    private static ChatTool tool(JsonFields fields) {
        JsonFields function = fields.get("function").fields("function");
        return new ChatTool(
                function.get("name").text("name"),
                function.text("description").orElse(""),
                function.find("parameters").map(JsonNode::source).orElse("{}"));
    }

    private static String write(ChatMessage message) {
        List<String> fields = new ArrayList<>();
        fields.add(field("role", quoted(message.role().templateName())));
        fields.add(field("content", quoted(message.content())));
        if (!message.reasoning().isEmpty()) {
            fields.add(field("reasoning_content", quoted(message.reasoning())));
        }
        if (!message.toolCalls().isEmpty()) {
            fields.add(field(
                    "tool_calls",
                    message.toolCalls().stream().map(ChatJson::write).collect(Collectors.joining(", ", "[", "]"))));
        }
        if (!message.toolCallId().isEmpty()) {
            fields.add(field("tool_call_id", quoted(message.toolCallId())));
        }
        if (!message.toolName().isEmpty()) {
            fields.add(field("name", quoted(message.toolName())));
        }
        return object(fields);
    }

    private static String write(ToolCall call) {
        String function =
                object(List.of(field("name", quoted(call.name())), field("arguments", quoted(call.arguments()))));
        return object(List.of(
                field("id", quoted(call.id())), field("type", quoted("function")), field("function", function)));
    }

    private static String object(List<String> fields) {
        return fields.stream().collect(Collectors.joining(", ", "{", "}"));
    }

    private static String field(String name, String value) {
        return quoted(name) + ": " + value;
    }

    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                default -> {
                    // A lone surrogate is no character of UTF-8.
                    if (Character.isISOControl(c) || Character.isSurrogate(c)) {
                        json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        return json.append('"').toString();
    }
}
