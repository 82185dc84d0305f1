package io.github.panllama.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Tools and schemas where there is no JSON library, as here. */
class ToolTest {
    @Test
    void aToolOfASchemaNeedsNoLibrary() throws Exception {
        ChatTool declaration = new ChatTool("echo", "Says it again", "{\"type\":\"object\",\"properties\":{}}");
        Tool tool = Tool.of(declaration, arguments -> arguments + "!");
        assertThat(tool.name()).isEqualTo("echo");
        assertThat(tool.declaration()).isSameAs(declaration);
        assertThat(tool.function().call("{}")).isEqualTo("{}!");
        assertThat(JsonSchema.of(declaration.parameters()).grammar()).contains("root ::=");
    }

    @Test
    void whatNeedsALibraryNamesIt() {
        for (Runnable needy : List.<Runnable>of(
                JsonBinding::load,
                () -> JsonSchema.of(ToolCall.class),
                () -> Tool.of("t", "", ToolCall.class, ToolCall::id),
                () -> Tool.methodsOf(this))) {
            assertThatThrownBy(needy::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("io.github.panllama:panllama-json");
        }
    }
}
