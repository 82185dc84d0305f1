package io.github.panllama.embedding;

import io.github.panllama.Batch;
import io.github.panllama.ContextOptions;
import io.github.panllama.Llama;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.PoolingType;
import io.github.panllama.ProgressListener;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Computes many sequences of tokens in a context of its own, as many in each batch as fit.
 *
 * <p><b>Threads.</b> May be shared: batches of several callers take turns.
 */
final class SequenceBatches implements AutoCloseable {
    /** Takes the outputs of a sequence, while the context has them. */
    @FunctionalInterface
    interface Reader {
        /**
         * Reads.
         *
         * @param index of the sequence among all
         * @param sequence its id in the batch
         * @param firstRow of its rows in the batch
         */
        void read(LlamaContext context, int index, int sequence, int firstRow);
    }

    private final LlamaContext context;
    private final Batch batch;
    private final boolean encodes;
    private final int batchSize;
    private final int maxTokens;
    private final int maxSequences;
    private final ReentrantLock turn = new ReentrantLock(true);

    private SequenceBatches(LlamaContext context, boolean encodes, BatchSettings settings, int maxTokens) {
        this.context = context;
        this.encodes = encodes;
        this.batchSize = settings.batchSize();
        this.maxTokens = maxTokens;
        this.maxSequences = context.maxSequences();
        this.batch = context.newBatch();
    }

    /**
     * Makes a context.
     *
     * @throws IllegalArgumentException if a setting is more than the model takes
     */
    static SequenceBatches of(LlamaModel model, PoolingType pooling, BatchSettings settings) {
        int maxTokens = settings.maxTokens(model);
        int capacity = Math.max(maxTokens, settings.batchSize());
        ContextOptions.Builder options = ContextOptions.builder();
        settings.context().accept(options);
        // A micro-batch has to hold all of a text: what is pooled is pooled there, and only causal attention divides.
        LlamaContext context = model.newContext(options.contextSize(capacity)
                .batchSize(capacity)
                .microBatchSize(capacity)
                .maxSequences(maxSequences(model, settings, capacity))
                .unifiedKvCache(true)
                .embeddings(true)
                .pooling(pooling)
                .build());
        try {
            return new SequenceBatches(context, model.hasEncoder(), settings, maxTokens);
        } catch (RuntimeException | Error e) {
            context.close();
            throw e;
        }
    }

    private static int maxSequences(LlamaModel model, BatchSettings settings, int capacity) {
        // Each has a state of its own, and they are computed one after the other.
        int most = model.isRecurrent() || model.isHybrid() ? 1 : Math.min(Llama.maxSequences(), capacity);
        Integer wanted = settings.maxSequences();
        return wanted == null ? most : Math.min(wanted, most);
    }

    LlamaModel model() {
        return context.model();
    }

    /** Tokens of the longest sequence. */
    int maxTokens() {
        return maxTokens;
    }

    /**
     * Computes.
     *
     * @throws IllegalArgumentException if a sequence is empty or too long
     * @throws CancellationException if the listener cancels
     */
    void run(List<int[]> sequences, ProgressListener listener, Reader reader) {
        int[] lengths = new int[sequences.size()];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = checked(i, sequences.get(i).length);
        }
        int done = 0;
        for (Packing.Run members : Packing.of(lengths, batchSize, maxSequences)) {
            if (!listener.onProgress((float) done / lengths.length)) {
                throw new CancellationException("Cancelled after %d of %d texts".formatted(done, lengths.length));
            }
            turn.lock();
            try {
                compute(sequences, members, reader);
            } finally {
                turn.unlock();
            }
            done = members.to();
        }
        listener.onProgress(1);
    }

    private int checked(int index, int length) {
        if (length == 0) {
            throw new IllegalArgumentException("text %d has no tokens".formatted(index));
        }
        if (length > maxTokens) {
            throw new IllegalArgumentException("text %d has %d tokens, may have %d: raise maxTokens or set truncation"
                    .formatted(index, length, maxTokens));
        }
        return length;
    }

    private void compute(List<int[]> sequences, Packing.Run members, Reader reader) {
        context.memory().clear();
        batch.clear();
        int[] rows = new int[members.to() - members.from()];
        for (int sequence = 0; sequence < rows.length; sequence++) {
            int[] tokens = sequences.get(members.from() + sequence);
            rows[sequence] = batch.size();
            batch.addAll(tokens, 0, tokens.length, 0, sequence, true);
        }
        if (encodes) {
            context.encode(batch);
        } else {
            context.decode(batch);
        }
        for (int sequence = 0; sequence < rows.length; sequence++) {
            reader.read(context, members.from() + sequence, sequence, rows[sequence]);
        }
    }

    /** Refuses the use of what is closed. */
    void checkOpen(String what) {
        if (context.isClosed()) {
            throw new IllegalStateException("The " + what + " is closed");
        }
    }

    /** Waits for the batch that is computed, and frees the context. May be called twice. */
    @Override
    public void close() {
        turn.lock();
        try {
            batch.close();
            context.close();
        } finally {
            turn.unlock();
        }
    }

    static <T> List<T> checkElements(String what, List<T> list) {
        for (int i = 0; i < list.size(); i++) {
            Objects.requireNonNull(list.get(i), what + " " + i);
        }
        return list;
    }
}
