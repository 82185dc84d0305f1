package io.github.panllama.engine;

import io.github.panllama.Batch;
import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.StateCopy;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** A small context for measuring steps, whose sequences can all have a prompt. One is computed and copied to the others. */
final class TrialContext implements AutoCloseable {
    /** Tokens of each sequence before the first step; the cells leave room for more steps than anybody measures. */
    private static final int PROMPT = 64;

    private static final int WARM_UP = 4;
    /** Cells of each sequence; the least that llama.cpp gives. */
    static final int CELLS = 256;

    private final LlamaContext context;
    private final Batch batch;
    private final int sequences;
    private final int[] positions;

    TrialContext(LlamaModel model, ContextOptions.Builder settings, int sequences) {
        this.sequences = sequences;
        positions = new int[sequences];
        context = model.newContext(settings.contextSize(sequences * CELLS)
                .batchSize(Math.max(PROMPT, sequences))
                .maxSequences(sequences)
                .build());
        batch = context.newBatch();
    }

    LlamaContext context() {
        return context;
    }

    /**
     * Computes single tokens until the model's weights and the processor are warm.
     *
     * @param enough microseconds after which they are
     * @return how many microseconds the fastest one took
     */
    double warmUp(double enough) {
        double all = 0;
        double least = Double.POSITIVE_INFINITY;
        // The first one of a process is no measure.
        for (int i = 0; i < 2 || (i < WARM_UP && all < enough); i++) {
            double micros = step(1);
            all += micros;
            least = Math.min(least, micros);
        }
        return least;
    }

    /** Gives every sequence a prompt of the same length. */
    void fill() {
        batch.clear();
        for (int i = positions[0]; i < PROMPT; i++) {
            batch.add(0, i, 0, i == PROMPT - 1);
        }
        context.decode(batch);
        try (StateCopy copy = context.state(0).copy()) {
            for (int sequence = 1; sequence < sequences; sequence++) {
                context.state(sequence).restore(copy);
            }
        }
        Arrays.fill(positions, PROMPT);
    }

    /** Computes the next token of the first sequences, and answers how many microseconds that took. */
    double step(int rows) {
        batch.clear();
        for (int sequence = 0; sequence < rows; sequence++) {
            batch.add(0, positions[sequence]++, sequence, true);
        }
        long start = System.nanoTime();
        context.decode(batch);
        context.synchronize();
        return (System.nanoTime() - start) / (double) TimeUnit.MICROSECONDS.toNanos(1);
    }

    @Override
    public void close() {
        try {
            batch.close();
        } finally {
            context.close();
        }
    }
}
