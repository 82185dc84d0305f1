package io.github.panllama.junit;

import io.github.panllama.evaluation.ComparisonResult;
import io.github.panllama.evaluation.PerplexityResult;
import io.github.panllama.evaluation.TaskReport;
import java.util.Objects;
import java.util.Optional;

/**
 * What a {@link QualityGate} measured, as far as its bounds needed it.
 *
 * @param perplexity of the model
 * @param comparison of the model with its reference
 * @param tasks what the model said to the questions
 */
public record QualityReport(
        Optional<PerplexityResult> perplexity, Optional<ComparisonResult> comparison, Optional<TaskReport> tasks) {
    /** Refuses {@code null}. */
    public QualityReport {
        Objects.requireNonNull(perplexity, "perplexity");
        Objects.requireNonNull(comparison, "comparison");
        Objects.requireNonNull(tasks, "tasks");
    }
}
