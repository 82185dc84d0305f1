package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.LlamaModel;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatPrompt;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.chat.ChatTemplateOptions;
import io.github.panllama.chat.ChatTool;
import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplateCommandTest {
    private static final List<ChatMessage> MESSAGES =
            List.of(ChatMessage.system("Be kind."), ChatMessage.user("Grüße 😀"));

    @TempDir
    private Path folder;

    private String messages;

    @BeforeEach
    void write() throws IOException {
        messages = file("messages.json", """
                [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Grüße 😀"}]""");
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private static ChatPrompt expected(ChatTemplateOptions options) {
        try (LlamaModel model = LlamaModel.load(TinyModel.path())) {
            return ChatTemplate.of(model).render(MESSAGES, options);
        }
    }

    @Test
    void thePromptIsPrintedAndNothingElse() {
        CommandRun run = CommandRun.of("template", "--messages", messages);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .isEqualTo(expected(ChatTemplateOptions.builder().thinking(true).build())
                        .text())
                .contains("Be kind.")
                .endsWith("<think>");
    }

    @Test
    void toolsAndTheEndOfThePromptAreAsAskedFor() throws IOException {
        String parameters = "{\"type\": \"object\", \"properties\": {\"expression\": {\"type\": \"string\"}}}";
        String tools = file(
                "tools.json",
                "[{\"type\": \"function\", \"function\": {\"name\": \"calculator\", \"description\": \"Counts.\", \"parameters\": %s}}]"
                        .formatted(parameters));
        CommandRun run = CommandRun.of("template", "--messages", messages, "--tools", tools, "--no-generation-prompt");
        assertThat(run.out())
                .isEqualTo(expected(ChatTemplateOptions.builder()
                                .generationPrompt(false)
                                .thinking(true)
                                .tools(List.of(new ChatTool("calculator", "Counts.", parameters)))
                                .build())
                        .text())
                .contains("calculator")
                .endsWith("Grüße 😀");
        assertThat(CommandRun.of("template", "--messages", messages, "--reasoning", "off")
                        .out())
                .endsWith("<think></think>");
    }

    @Test
    void aTemplateOfAFileTakesThePlaceOfTheModels() throws IOException {
        String template = file("t.jinja", "{% for m in messages %}[{{ m.role }}: {{ m.content }}]{% endfor %}");
        CommandRun run = CommandRun.of("template", "--template-file", template, "--messages", messages);
        assertThat(run.out()).isEqualTo("[system: Be kind.][user: Grüße 😀]");
        CommandRun other = CommandRun.of(
                "template",
                "--model",
                TestModels.llama().toString(),
                "--template-file",
                template,
                "--messages",
                messages);
        assertThat(other.out()).isEqualTo(run.out());
    }

    @Test
    void jsonHasTheDocumentedFields() {
        Map<String, Object> json = JsonReader.readObject(
                CommandRun.of("template", "--messages", messages, "--json").out());
        ChatPrompt prompt =
                expected(ChatTemplateOptions.builder().thinking(true).build());
        assertThat(json)
                .containsOnlyKeys("prompt", "tokens", "format", "stops", "grammar")
                .containsEntry("prompt", prompt.text());
        assertThat((List<?>) json.get("tokens")).isNotEmpty();
        assertThat(Arrays.stream(tokens()).asLongStream().boxed().toList()).isEqualTo(json.get("tokens"));
    }

    private static int[] tokens() {
        try (LlamaModel model = LlamaModel.load(TinyModel.path())) {
            return ChatTemplate.of(model)
                    .render(
                            MESSAGES,
                            ChatTemplateOptions.builder().thinking(true).build())
                    .tokens();
        }
    }

    @Test
    void whatIsWrongIsSaidInOneLine() throws IOException {
        String broken = file("broken.json", "[{\"role\": \"king\"}]");
        CommandRun run = CommandRun.of("template", "--messages", broken);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).hasLineCount(1).contains("broken.json").contains("king");
        String refuses = file("refuses.jinja", "{{ raise_exception('no kings') }}");
        CommandRun refused = CommandRun.of("template", "--template-file", refuses, "--messages", messages);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).hasLineCount(1).contains("cannot be rendered");
        assertThat(CommandRun.of("template").exitCode()).isEqualTo(2);
        String empty = file("empty.json", "[]");
        assertThat(CommandRun.of("template", "--messages", empty).err()).contains("no messages");
        assertThat(CommandRun.of(
                                "template",
                                "--messages",
                                folder.resolve("none.json").toString())
                        .exitCode())
                .isEqualTo(1);
    }
}
