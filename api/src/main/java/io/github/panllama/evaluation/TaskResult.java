package io.github.panllama.evaluation;

import io.github.panllama.FinishReason;
import java.util.Objects;
import java.util.Optional;

/**
 * What a model said to a question.
 *
 * @param question the question
 * @param text all that it said, special tokens written out
 * @param answer what of it was compared; empty where the mark before the answer is missing
 * @param right whether that is a right answer
 * @param finishReason why it ended
 * @param promptTokens tokens of the prompt
 * @param tokens tokens of the text
 */
public record TaskResult(
        Question question,
        String text,
        Optional<String> answer,
        boolean right,
        FinishReason finishReason,
        int promptTokens,
        int tokens) {
    /** Refuses {@code null}. */
    public TaskResult {
        Objects.requireNonNull(question, "question");
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(answer, "answer");
        Objects.requireNonNull(finishReason, "finishReason");
    }

    static TaskResult of(Question question, String text, FinishReason reason, int promptTokens, int tokens) {
        Optional<String> answer = question.answerIn(text);
        boolean right = answer.filter(question::isRight).isPresent();
        return new TaskResult(question, text, answer, right, reason, promptTokens, tokens);
    }
}
