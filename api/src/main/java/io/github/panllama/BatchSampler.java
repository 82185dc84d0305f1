package io.github.panllama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Samples many rows of a batch in one native call, each with its own {@link Sampler}, on threads of its own. Nothing is
 * allocated for a token.
 *
 * <p><b>Threads.</b> One call at a time; a second one throws {@link IllegalStateException}.
 */
public final class BatchSampler implements AutoCloseable {
    /** In the place of a token: none could be chosen. */
    public static final int NO_TOKEN = -1;

    private static final int MAX_THREADS = 256;

    private final Owner owner = new Owner("The batch sampler");
    private final Handle handle;
    private final int capacity;
    private final MemorySegment rows;
    private final MemorySegment chains;
    private final MemorySegment topK;
    private final MemorySegment tokens;
    private final String[] errors;
    private int onDevice;

    private BatchSampler(int capacity, MemorySegment pool) {
        this.capacity = capacity;
        this.handle = Handle.adopt("The batch sampler", pool, LlamaC::panllama_sampling_pool_free);
        this.rows = handle.arena().allocate(JAVA_INT, capacity);
        this.tokens = handle.arena().allocate(JAVA_INT, capacity);
        this.chains = handle.arena().allocate(ADDRESS, capacity);
        this.topK = handle.arena().allocate(JAVA_INT, capacity);
        this.errors = new String[capacity];
    }

    /**
     * Makes a batch sampler.
     *
     * @param capacity the most rows in one call
     * @param threads threads that sample, the caller's included; small batches stay on the caller's
     */
    public static BatchSampler create(int capacity, int threads) {
        Natives.load();
        Check.range("capacity", capacity, 1, 1 << 20);
        Check.range("threads", threads, 1, MAX_THREADS);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            Natives.check(LlamaC.panllama_sampling_pool_create(threads - 1, out), "Making the sampling threads");
            return new BatchSampler(capacity, out.get(ADDRESS, 0));
        }
    }

    /**
     * Chooses a token for each of {@code count} rows of a context's last batch. A row that fails gets {@link #NO_TOKEN},
     * and {@link #error} says why; the others are not touched by it.
     *
     * @param rows rows of the last batch that have an output
     * @param samplers a sampler for each row, none of them twice
     * @param tokens gets the token of each row
     * @return how many rows failed
     * @throws IllegalArgumentException if a row has no output, or a sampler was made for another vocabulary
     */
    public int sample(LlamaContext context, int count, int[] rows, Sampler[] samplers, int[] tokens) {
        Check.range(
                "count", count, 1, Math.min(capacity, Math.min(rows.length, Math.min(samplers.length, tokens.length))));
        try (Owner.Use _ = owner.use()) {
            handle.pointer();
            try (Owner.Use _ = context.owner().use()) {
                return sampleOwned(context, count, rows, samplers, tokens);
            }
        }
    }

    private int sampleOwned(LlamaContext context, int count, int[] rows, Sampler[] samplers, int[] tokens) {
        int entered = 0;
        try {
            for (int i = 0; i < count; i++) {
                context.outputs().checkLogits(rows[i]);
                samplers[i].checkVocabulary(context);
                samplers[i].owner().enter();
                entered++;
                this.rows.setAtIndex(JAVA_INT, i, rows[i]);
                this.chains.setAtIndex(ADDRESS, i, samplers[i].handle().pointer());
                this.topK.setAtIndex(JAVA_INT, i, samplers[i].firstTopK());
            }
            int failed = LlamaC.panllama_sample(
                    handle.pointer(), context.handle().pointer(), count, this.rows, this.chains, topK, this.tokens);
            if (Natives.failed(failed)) {
                throw new SamplingException("No token can be sampled: " + Natives.lastError());
            }
            onDevice = LlamaC.panllama_sampled_on_device();
            MemorySegment.copy(this.tokens, JAVA_INT, 0, tokens, 0, count);
            if (failed > 0) {
                keepErrors(count, tokens);
            }
            return failed;
        } finally {
            for (int i = 0; i < entered; i++) {
                samplers[i].owner().exit();
            }
        }
    }

    private void keepErrors(int count, int[] tokens) {
        for (int i = 0; i < count; i++) {
            errors[i] = tokens[i] == NO_TOKEN ? Natives.string(LlamaC.panllama_sample_error(i)) : "";
        }
    }

    /** Why row {@code i} of the last call failed; meaningful where its token is {@link #NO_TOKEN}. */
    public String error(int i) {
        Check.index("i", i, capacity);
        String error = errors[i];
        return error == null ? "" : error;
    }

    /** How many rows of the last call had their token chosen by the device: {@link LlamaContext#setDeviceSampler}. */
    public int onDevice() {
        return onDevice;
    }

    /** Ends its threads. May be called twice. */
    @Override
    public void close() {
        try (Owner.Use _ = owner.use()) {
            handle.close();
        }
    }
}
