package io.github.panllama.evaluation;

import java.time.Duration;
import java.util.concurrent.CancellationException;

/** Counts what an evaluation has done, tells its listener, and ends the evaluation when the listener wants that. */
final class Progress {
    private final EvaluationListener listener;
    private final int total;
    private final long start = System.nanoTime();
    private long tokens;

    Progress(EvaluationListener listener, int total) {
        this.listener = listener;
        this.total = total;
    }

    void computed(int count) {
        tokens += count;
    }

    void tell(int done, double figure) {
        if (!listener.onProgress(new EvaluationProgress(done, total, tokens, figure))) {
            throw new CancellationException(
                    "The evaluation was cancelled by its listener, at %d of %d".formatted(done, total));
        }
    }

    long tokens() {
        return tokens;
    }

    Duration duration() {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
