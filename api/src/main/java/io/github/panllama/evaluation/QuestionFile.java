package io.github.panllama.evaluation;

import io.github.panllama.LlamaModel;
import io.github.panllama.internal.JsonException;
import io.github.panllama.internal.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Files of questions: JSON objects, one a line (JSONL), in UTF-8. Blank lines do not count.
 *
 * <table>
 * <caption>Fields of a line; those of another name are left alone</caption>
 * <tr><th>field</th><th>is</th></tr>
 * <tr><td>{@code id}, {@code skill}</td><td>see {@link Question}; without {@code id} the number of the line</td></tr>
 * <tr><td>{@code prompt}</td><td>a text, or a list of token ids</td></tr>
 * <tr><td>{@code messages}</td><td>instead of a prompt: a conversation for the model's chat template, objects with
 *     {@code role}, {@code content}, {@code reasoning_content}, {@code tool_calls}, {@code tool_call_id}, {@code name}</td>
 * </tr>
 * <tr><td>{@code tools}</td><td>with messages: objects with {@code name}, {@code description},
 *     {@code parameters}</td></tr>
 * <tr><td>{@code thinking}</td><td>with messages: whether the model shall reason, {@code true} without it</td></tr>
 * <tr><td>{@code answer}</td><td>the right answer, word for word</td></tr>
 * <tr><td>{@code pattern}</td><td>instead of it: a regular expression that is found in a right answer</td></tr>
 * <tr><td>{@code answer_after}</td><td>the mark before the answer, such as {@code </think>}</td></tr>
 * <tr><td>{@code max_tokens}</td><td>the most tokens that the model may say</td></tr>
 * </table>
 */
public final class QuestionFile {
    private QuestionFile() {}

    /**
     * Reads questions.
     *
     * @param model whose chat template renders messages
     * @throws EvaluationException if the file has no question, is not UTF-8, or has a line that is no question
     * @throws IOException if the file cannot be read
     */
    public static List<Question> read(Path file, LlamaModel model) throws IOException {
        Objects.requireNonNull(model, "model");
        String text = TextFile.decode(Files.readAllBytes(file), file);
        QuestionReader reader = new QuestionReader(model);
        List<Question> questions = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            try {
                questions.add(reader.read(JsonParser.parse(line), Integer.toString(number)));
            } catch (JsonException | IllegalArgumentException | IllegalStateException e) {
                EvaluationException failure =
                        new EvaluationException("%s, line %d: %s".formatted(file, number, e.getMessage()));
                failure.initCause(e);
                throw failure;
            }
        }
        if (questions.isEmpty()) {
            throw new EvaluationException("There are no questions in " + file);
        }
        return List.copyOf(questions);
    }
}
