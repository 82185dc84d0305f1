package io.github.panllama.evaluation;

import io.github.panllama.ContextOptions;
import io.github.panllama.Llama;
import io.github.panllama.LlamaModel;
import java.util.List;

/** The prompts of questions as tokens, and the context that has room for them and their answers. */
final class TaskPrompts {
    private TaskPrompts() {}

    static int[][] encode(LlamaModel model, List<Question> questions) {
        if (questions.isEmpty()) {
            throw new EvaluationException("There are no questions");
        }
        if (model.hasEncoder() || !model.hasDecoder()) {
            throw new EvaluationException(model + " has an encoder; questions need a decoder alone");
        }
        int[][] prompts = new int[questions.size()][];
        for (int i = 0; i < prompts.length; i++) {
            Question question = questions.get(i);
            prompts[i] = question.prompt().map(model.tokenizer()::encode).orElseGet(question::promptTokens);
            if (prompts[i].length == 0) {
                throw new EvaluationException(question + " has an empty prompt");
            }
            checkTokens(question, prompts[i], model.vocabularySize());
        }
        return prompts;
    }

    private static void checkTokens(Question question, int[] prompt, int vocabulary) {
        for (int token : prompt) {
            if (token < 0 || token >= vocabulary) {
                throw new EvaluationException("%s has the token %d in its prompt, which is not in the vocabulary of %d"
                        .formatted(question, token, vocabulary));
            }
        }
    }

    static ContextOptions context(List<Question> questions, int[][] prompts, TaskOptions options) {
        int longest = 0;
        for (int i = 0; i < prompts.length; i++) {
            longest = Math.max(
                    longest, Math.addExact(prompts[i].length, questions.get(i).maxTokens()));
        }
        int sequences = Math.min(Math.min(options.sequences, prompts.length), Llama.maxSequences());
        ContextOptions.Builder builder = ContextOptions.builder();
        options.context.accept(builder);
        return builder.contextSize(Math.multiplyExact(longest, sequences))
                .batchSize(options.batchSize)
                .maxSequences(sequences)
                .build();
    }
}
