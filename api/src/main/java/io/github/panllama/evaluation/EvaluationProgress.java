package io.github.panllama.evaluation;

/**
 * How far an evaluation has come.
 *
 * @param done chunks of the text, or questions, that are done
 * @param total chunks, or questions, that there are
 * @param tokens tokens that were computed so far
 * @param figure what was measured over those done: perplexity, mean KL divergence, or accuracy; NaN while there is
 *     nothing to tell
 */
public record EvaluationProgress(int done, int total, long tokens, double figure) {
    /** What is done, from 0 to 1. */
    public float fraction() {
        return total == 0 ? 0 : (float) done / total;
    }
}
