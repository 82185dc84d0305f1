package io.github.panllama.evaluation;

import io.github.panllama.LlamaException;

/**
 * Nothing can be measured: the text is too short, there are no questions, two models do not share a vocabulary, or a
 * model's outputs are not numbers.
 */
public class EvaluationException extends LlamaException {
    private static final long serialVersionUID = 1L;

    EvaluationException(String message) {
        super(message);
    }
}
