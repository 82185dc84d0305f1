package io.github.panllama.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.panllama.LlamaModel;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.synthetic.Architecture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuestionFileTest {
    @TempDir
    private static Path folder;

    private static LlamaModel model;

    @BeforeAll
    static void load() throws IOException {
        model = Texts.load(Texts.model(folder, Architecture.LLAMA, GgmlType.F32));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static List<Question> read(String lines) throws IOException {
        return QuestionFile.read(Files.writeString(folder.resolve("q.jsonl"), lines), model);
    }

    @Test
    void everyFieldIsTaken() throws IOException {
        List<Question> questions = read("""
                {"id": "a", "skill": "s", "prompt": "1 + 1 =\\n\\u00e4\\ud83d\\ude00", "answer": "2", "max_tokens": 7}

                {"prompt": [5, 6], "pattern": "^x+$", "answer_after": "</think>", "comment": {"other": [1, null, true]}}\r
                """);
        Question first = questions.getFirst();
        assertThat(first.id()).isEqualTo("a");
        assertThat(first.skill()).isEqualTo("s");
        assertThat(first.prompt()).contains("1 + 1 =\nä😀");
        assertThat(first.answer()).contains("2");
        assertThat(first.maxTokens()).isEqualTo(7);
        assertThat(first.answerIn("<think></think> 3")).contains("<think></think> 3");
        Question second = questions.getLast();
        assertThat(second.id()).as("the line's number").isEqualTo("3");
        assertThat(second.promptTokens()).containsExactly(5, 6);
        assertThat(second.pattern()).map(Pattern::pattern).contains("^x+$");
        assertThat(second.answerIn("no</think> yes")).contains("yes");
        assertThat(second.answerIn("no")).isEmpty();
        assertThat(questions).hasSize(2);
    }

    @Test
    void messagesBecomeWhatTheModelsTemplateMakesOfThem() throws IOException {
        Question question = read("""
                        {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}], "answer": "x"}
                        """).getFirst();
        String expected = ChatTemplate.of(model)
                .render(List.of(ChatMessage.system("Be brief."), ChatMessage.user("Hello")))
                .text();
        assertThat(question.prompt()).contains(expected);
        assertThat(expected).contains("Be brief.").contains("Hello").endsWith("<|assistant|>");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{|it ends where a string should be",
                "{} x|no JSON at column 4: the end should be there",
                "[1]|the line is [1], must be an object",
                "{\"prompt\": \"p\"}|needs an answer or a pattern",
                "{\"prompt\": \"p\", \"answer\": \"a\", \"pattern\": \"b\"}|has both",
                "{\"answer\": \"a\"}|there is no prompt, nor are there messages",
                "{\"prompt\": \"p\", \"messages\": [], \"answer\": \"a\"}|there are a prompt and messages",
                "{\"messages\": [], \"answer\": \"a\"}|There are no messages",
                "{\"messages\": [{\"role\": \"ghost\"}], \"answer\": \"a\"}|role is \"ghost\", must be system",
                "{\"messages\": [{\"content\": \"x\"}], \"answer\": \"a\"}|a message has no field role",
                "{\"prompt\": 5, \"answer\": \"a\"}|prompt is 5, must be a string",
                "{\"prompt\": \"p\", \"answer\": \"a\", \"max_tokens\": 1.5}|max_tokens is 1.5, must be a whole number",
                "{\"prompt\": \"p\", \"answer\": \"a\", \"max_tokens\": 0}|maxTokens is 0",
                "{\"prompt\": \"p\", \"pattern\": \"(\"}|Unclosed group",
                "{\"prompt\": \"p\", \"prompt\": \"q\", \"answer\": \"a\"}|the field prompt is there twice",
                "{\"prompt\": \"p\\x\", \"answer\": \"a\"}|no JSON at column 15: an escape should be there",
                "{\"prompt\": 01, \"answer\": \"a\"}|no JSON at column 13",
            })
    void aWrongLineIsNamed(String line, String message) {
        assertThatExceptionOfType(EvaluationException.class)
                .isThrownBy(() -> read("{\"prompt\": \"p\", \"answer\": \"a\"}\n" + line + "\n"))
                .withMessageContaining("q.jsonl, line 2: ")
                .withMessageContaining(message);
    }

    @Test
    void deepNestingIsRefusedAndNotAnOverflow() {
        assertThatExceptionOfType(EvaluationException.class)
                .isThrownBy(() -> read("[".repeat(100_000)))
                .withMessageContaining("nests deeper than 100");
    }

    @Test
    void aFileWithoutQuestionsOrTextIsRefused() throws IOException {
        assertThatExceptionOfType(EvaluationException.class)
                .isThrownBy(() -> read("\n  \n"))
                .withMessageContaining("There are no questions in");
        Path damaged = folder.resolve("damaged.jsonl");
        byte[] bytes = "{\"prompt\": \"p\"}".getBytes(StandardCharsets.UTF_8);
        bytes[12] = (byte) 0x80;
        Files.write(damaged, bytes);
        assertThatExceptionOfType(EvaluationException.class)
                .isThrownBy(() -> QuestionFile.read(damaged, model))
                .withMessageEndingWith("the byte 0x80 at offset 12 is no part of a character");
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> QuestionFile.read(folder.resolve("missing"), model));
    }
}
