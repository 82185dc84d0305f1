package io.github.panllama.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatJsonTest {
    @Test
    void whatIsWrittenIsReadAgain() {
        ToolCall call = new ToolCall("call00000", "calculator", "{\"expression\": \"1 + \\\"2\\\"\"}");
        List<ChatMessage> messages = List.of(
                ChatMessage.system("Be kind.\n\t\"Quoted\" \\ \u0000"),
                ChatMessage.user("Grüße, 世界 😀"),
                new ChatReply("", "thinking", List.of(call)).toMessage(),
                ChatMessage.toolResult(call, "3"),
                ChatMessage.assistant(""));
        String json = ChatJson.write(messages);
        assertThat(ChatJson.messages(json)).isEqualTo(messages);
        assertThat(json).hasLineCount(5).contains("\"tool_call_id\": \"call00000\"");
        assertThat(ChatJson.messages(ChatJson.write(List.of()))).isEmpty();
    }

    @Test
    void whatOthersWriteIsRead() {
        assertThat(ChatJson.messages("""
                        [{"role": "developer", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
                         {"role": "assistant", "content": null,
                          "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": {"x":  1}}}]}]"""))
                .containsExactly(
                        new ChatMessage(ChatRole.DEVELOPER, "a\nb", "", List.of(), "", ""),
                        new ChatReply("", "", List.of(new ToolCall("", "f", "{\"x\":  1}"))).toMessage());
        assertThat(ChatJson.tools("""
                        [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]""")).containsExactly(new ChatTool("f", "", "{\"type\": \"object\"}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[1]",
                "[{}]",
                "[{\"role\": \"king\"}]",
                "[{\"role\": \"user\", \"content\": 1}]",
                "[{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]",
                "[{\"role\": \"assistant\", \"tool_calls\": [{\"function\": {\"name\": \"f\"}}]}]"
            })
    void whatIsNoConversationIsRefused(String json) {
        assertThatThrownBy(() -> ChatJson.messages(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no messages");
    }

    @Test
    void aFieldsTextIsRead() {
        assertThat(ChatJson.text("{\"expression\": \"1 + 2\", \"n\": 3}", "expression"))
                .isEqualTo("1 + 2");
        assertThatThrownBy(() -> ChatJson.text("{\"n\": 3}", "n")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ChatJson.text("{}", "n")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ChatJson.text("[", "n")).isInstanceOf(IllegalArgumentException.class);
    }
}
