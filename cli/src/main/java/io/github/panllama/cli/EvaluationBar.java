package io.github.panllama.cli;

import io.github.panllama.evaluation.EvaluationProgress;
import java.util.Locale;

/** The progress of an evaluation with its figure so far, on a terminal. */
final class EvaluationBar implements AutoCloseable {
    private final ProgressBar bar;
    private final String figure;

    /**
     * A bar.
     *
     * @param figure the format of what is measured
     */
    EvaluationBar(Terminal terminal, String figure) {
        this.bar = new ProgressBar(terminal, "");
        this.figure = figure;
    }

    void show(EvaluationProgress progress) {
        String measured =
                Double.isNaN(progress.figure()) ? "" : ", " + String.format(Locale.ROOT, figure, progress.figure());
        bar.show(progress.fraction(), "%d of %d%s".formatted(progress.done(), progress.total(), measured));
    }

    @Override
    public void close() {
        bar.close();
    }
}
