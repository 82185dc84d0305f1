package io.github.panllama.training;

import java.util.Locale;

/** What a training says of itself while it runs. */
final class Report {
    private static final int STEPS = 50;

    private final Recipe recipe;
    private final int first;
    private final long start = System.nanoTime();
    private long tokens;
    private double loss;
    private int batches;

    Report(Recipe recipe, int first) {
        this.recipe = recipe;
        this.first = first;
    }

    /** Prints a line for every {@value #STEPS} steps. */
    void add(int step, Trainer.Progress progress) {
        tokens += progress.tokens();
        loss += progress.loss();
        batches++;
        if (step % STEPS != 0 && step != recipe.steps()) {
            return;
        }
        double seconds = (System.nanoTime() - start) * 1e-9;
        String balance =
                recipe.shape().experts() == 0 ? "" : String.format(Locale.ROOT, ", balance %.3f", progress.balance());
        System.out.println(String.format(
                Locale.ROOT,
                "step %d of %d, loss %.4f%s, %,.0f tokens/s, %.0f s, %.0f s to go",
                step,
                recipe.steps(),
                loss / batches,
                balance,
                tokens / seconds,
                seconds,
                seconds / (step - first) * (recipe.steps() - step)));
        loss = 0;
        batches = 0;
    }
}
