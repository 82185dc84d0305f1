package io.github.panllama.evaluation;

import io.github.panllama.LlamaModel;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatRole;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.chat.ChatTemplateException;
import io.github.panllama.chat.ChatTemplateOptions;
import io.github.panllama.chat.ChatTool;
import io.github.panllama.chat.ToolCall;
import io.github.panllama.internal.JsonException;
import io.github.panllama.internal.JsonFields;
import io.github.panllama.internal.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes questions of JSON objects. */
final class QuestionReader {
    private final LlamaModel model;
    private @Nullable ChatTemplate template;

    QuestionReader(LlamaModel model) {
        this.model = model;
    }

    Question read(JsonNode node, String number) {
        JsonFields fields = node.fields("the line");
        Question.Builder builder = prompt(fields).id(fields.text("id").orElse(number));
        fields.text("skill").ifPresent(builder::skill);
        fields.text("answer").ifPresent(builder::answer);
        fields.text("pattern").map(Pattern::compile).ifPresent(builder::pattern);
        fields.text("answer_after").ifPresent(builder::answerAfter);
        fields.find("max_tokens").map(value -> value.integer("max_tokens")).ifPresent(builder::maxTokens);
        return builder.build();
    }

    private Question.Builder prompt(JsonFields fields) {
        boolean conversation = fields.find("messages").isPresent();
        if (conversation == fields.find("prompt").isPresent()) {
            throw new JsonException(
                    conversation ? "there are a prompt and messages" : "there is no prompt, nor are there messages");
        }
        if (conversation) {
            return Question.builder(render(fields));
        }
        JsonNode prompt = fields.get("prompt");
        return prompt.value() instanceof List<?>
                ? Question.builder(prompt.list("prompt").stream()
                        .mapToInt(token -> token.integer("a token of the prompt"))
                        .toArray())
                : Question.builder(prompt.text("prompt"));
    }

    private String render(JsonFields fields) {
        if (template == null) {
            template = ChatTemplate.of(model);
        }
        List<ChatMessage> messages = fields.get("messages").list("messages").stream()
                .map(message -> message(message.fields("a message")))
                .toList();
        ChatTemplateOptions.Builder options = ChatTemplateOptions.builder();
        fields.find("thinking").map(value -> value.truth("thinking")).ifPresent(options::thinking);
        fields.find("tools")
                .map(tools -> tools.list("tools").stream()
                        .map(tool -> tool(tool.fields("a tool")))
                        .toList())
                .ifPresent(options::tools);
        try {
            return template.render(messages, options.build()).text();
        } catch (ChatTemplateException e) {
            throw new JsonException(String.valueOf(e.getMessage()));
        }
    }

    private static ChatMessage message(JsonFields fields) {
        List<ToolCall> calls = fields.find("tool_calls")
                .map(list -> list.list("tool_calls").stream()
                        .map(call -> call(call.fields("a tool call")))
                        .toList())
                .orElse(List.of());
        return new ChatMessage(
                role(fields.get("role").text("role")),
                fields.text("content").orElse(""),
                fields.text("reasoning_content").orElse(""),
                calls,
                fields.text("tool_call_id").orElse(""),
                fields.text("name").orElse(""));
    }

    private static ChatRole role(String name) {
        for (ChatRole role : ChatRole.values()) {
            if (role.name().toLowerCase(Locale.ROOT).equals(name)) {
                return role;
            }
        }
        throw new JsonException("role is \"%s\", must be system, developer, user, assistant or tool".formatted(name));
    }

    private static ChatTool tool(JsonFields fields) {
        JsonFields tool = function(fields);
        return new ChatTool(
                tool.get("name").text("name"),
                tool.text("description").orElse(""),
                tool.find("parameters").map(JsonNode::source).orElse("{\"type\": \"object\", \"properties\": {}}"));
    }

    private static ToolCall call(JsonFields fields) {
        JsonFields call = function(fields);
        JsonNode arguments = call.get("arguments");
        return new ToolCall(
                fields.text("id").orElse(""),
                call.get("name").text("name"),
                arguments.value() instanceof String text ? text : arguments.source());
    }

    /** What OpenAI's format wraps into one more object. */
    private static JsonFields function(JsonFields fields) {
        return fields.find("function")
                .map(function -> function.fields("function"))
                .orElse(fields);
    }
}
