package io.github.panllama.cli;

import io.github.panllama.evaluation.ComparisonResult;
import io.github.panllama.evaluation.PerplexityResult;
import io.github.panllama.evaluation.TaskReport;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What an evaluation has measured, as far as it was asked for. */
final class EvaluationReport {
    final Path model;
    final @Nullable Path reference;
    final @Nullable Path text;
    final @Nullable Path questions;

    @Nullable
    PerplexityResult perplexity;

    @Nullable
    ComparisonResult comparison;

    @Nullable
    TaskReport tasks;

    EvaluationReport(Path model, @Nullable Path reference, @Nullable Path text, @Nullable Path questions) {
        this.model = model;
        this.reference = reference;
        this.text = text;
        this.questions = questions;
    }
}
