package io.github.panllama.evaluation;

/** Told how far an evaluation has come. Called on the thread that evaluates, before each batch and at the end. */
@FunctionalInterface
public interface EvaluationListener {
    /**
     * Reports progress.
     *
     * @param progress what is done
     * @return whether to go on; {@code false} cancels the evaluation
     */
    boolean onProgress(EvaluationProgress progress);
}
