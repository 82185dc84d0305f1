package io.github.panllama.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.LlamaModel;
import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers that fail: the conversation goes on without them, and the terminal is as it was. */
class ChatFailureTest {
    private static final String DIM = "\u001b[2m";
    private static final String PLAIN = "\u001b[0m";

    @TempDir
    private Path folder;

    private String model;

    /** A random model that thinks first, and whose template refuses a question. */
    @BeforeEach
    void write() throws IOException {
        String template = "{% if messages[-1].content == 'refused' %}{{ raise_exception('not that') }}{% endif %}"
                + Files.readString(Path.of(
                        System.getProperty("basedir", "."),
                        "../training/src/main/resources/io/github/panllama/training/chat_template.jinja"));
        Path file = folder.resolve("thinks.gguf");
        GgufEditor.of(GgufFile.read(TestModels.llama()))
                .set(GgufEditor.CHAT_TEMPLATE, GgufValue.text(template))
                .write(file);
        model = file.toString();
    }

    private String[] chat(String... more) {
        List<String> all =
                new ArrayList<>(List.of("chat", "--model", model, "--temperature", "0", "--max-tokens", "8"));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** After two letters it asks for a token that a grammar never lets through in the middle. */
    private String[] chatThatRunsDry(String... more) throws IOException {
        int end;
        try (LlamaModel loaded = LlamaModel.load(TestModels.llama())) {
            end = loaded.tokenizer().endOfText().orElseThrow();
        }
        Path grammar = Files.writeString(folder.resolve("dry.gbnf"), "root ::= \"aa\" <[%d]> \"b\"\n".formatted(end));
        List<String> all = new ArrayList<>(List.of(chat("--grammar-file", grammar.toString())));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @Test
    void theConversationGoesOnWithoutAQuestionThatTheTemplateRefuses() {
        CommandRun run = CommandRun.withInput("Hi\nrefused\nWho?\n", chat("--json"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err())
                .startsWith("panllama: ")
                .contains("cannot be rendered")
                .hasLineCount(1);
        List<Map<String, Object>> turns =
                run.out().lines().map(JsonReader::readObject).toList();
        CommandRun without = CommandRun.withInput("Hi\nWho?\n", chat("--json"));
        List<Map<String, Object>> expected =
                without.out().lines().map(JsonReader::readObject).toList();
        assertThat(turns).hasSize(2);
        for (String field : List.of("reasoning", "content", "counts")) {
            assertThat(turns.get(1).get(field)).isEqualTo(expected.get(1).get(field));
        }
    }

    @Test
    void theOnlyQuestionFailsTheCommand() {
        CommandRun run = CommandRun.of(chat("--message", "refused"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("panllama: ")
                .contains("cannot be rendered")
                .hasLineCount(1);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aTerminalIsNotLeftDimmedByAnAnswerThatFails() throws IOException {
        CommandRun run = CommandRun.onTerminal("Hi\nHi\n", chatThatRunsDry());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err().split("panllama: ", -1)).as(run.err()).hasSize(3);
        notDimmed(run.err(), 2);

        CommandRun once = CommandRun.onTerminal("", chatThatRunsDry("--message", "Hi"));
        assertThat(once.exitCode()).isEqualTo(1);
        notDimmed(once.err(), 1);
    }

    private static void notDimmed(String text, int times) {
        String[] parts = text.split(DIM.replace("[", "\\["), -1);
        assertThat(parts).as(text).hasSize(times + 1);
        for (int i = 1; i <= times; i++) {
            // Plain again before the failure is told.
            assertThat(parts[i]).as(text).matches("(?s)a*\u001b\\[0m\\R.*");
            assertThat(parts[i].indexOf(PLAIN)).isLessThan(parts[i].indexOf("panllama: "));
        }
    }
}
