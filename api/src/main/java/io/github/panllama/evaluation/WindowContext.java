package io.github.panllama.evaluation;

import io.github.panllama.Batch;
import io.github.panllama.ContextOptions;
import io.github.panllama.Llama;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.Tokenizer;
import java.util.function.Consumer;

/** A model's context for windows of a text: several side by side in a batch, or one in several batches. */
final class WindowContext implements AutoCloseable {
    private final LlamaContext context;
    private final Batch batch;
    private final int sequences;

    private WindowContext(LlamaContext context, int sequences) {
        this.context = context;
        this.sequences = sequences;
        this.batch = context.newBatch();
    }

    /**
     * Makes a context.
     *
     * @param window tokens of a window as the options say
     * @param settings what else the context shall have
     */
    static WindowContext of(
            LlamaModel model, int window, WindowOptions options, Consumer<ContextOptions.Builder> settings) {
        checkKind(model);
        boolean overlapping = options.stride > 0;
        int sequences = overlapping ? 1 : Math.clamp(options.batchSize / Math.max(1, window), 1, Llama.maxSequences());
        ContextOptions.Builder builder = ContextOptions.builder();
        settings.accept(builder);
        LlamaContext context =
                model.newContext(builder.contextSize(Math.multiplyExact(window, sequences) + options.stride / 2)
                        .batchSize(Math.min(options.batchSize, window * sequences))
                        .maxSequences(sequences)
                        .build());
        try {
            return new WindowContext(context, sequences);
        } catch (RuntimeException | Error e) {
            context.close();
            throw e;
        }
    }

    private static void checkKind(LlamaModel model) {
        Tokenizer tokenizer = model.tokenizer();
        if (model.hasEncoder() || !model.hasDecoder()) {
            throw new EvaluationException(model + " has an encoder; windows of a text need a decoder alone");
        }
        if (tokenizer.addsEndOfText()) {
            throw new EvaluationException(
                    model + " wants an end-of-text token after every text, so it cannot be cut into windows");
        }
    }

    /** Windows that are computed together. */
    int sequences() {
        return sequences;
    }

    /** Positions of each window that are computed together. */
    int batchPositions(int windowSize) {
        return sequences > 1 ? windowSize : Math.min(windowSize, context.batchSize());
    }

    /** Tokens that the context holds, which may be more than were asked for. */
    int contextSize() {
        return context.contextSize();
    }

    /** Computes the positions {@code [from, to)} of some windows; what came before of them was computed. */
    void decode(Windows windows, int firstWindow, int lastWindow, int from, int to) {
        if (from == 0) {
            context.memory().clear();
        }
        batch.clear();
        for (int window = firstWindow; window < lastWindow; window++) {
            for (int position = from; position < to; position++) {
                boolean counts = windows.counts(window, position);
                batch.add(windows.token(window, position), position, window - firstWindow, counts);
            }
        }
        context.decode(batch);
    }

    void copyLogits(int row, float[] target) {
        context.logits(row).copyTo(target, 0);
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
