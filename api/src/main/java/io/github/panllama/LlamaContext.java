package io.github.panllama;

import io.github.panllama.bindings.Pointers;
import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A place to compute with a model: a memory of the tokens seen so far, for one or many sequences, and the outputs of
 * the last batch.
 *
 * <p>The loop is: fill a {@link Batch}, {@link #decode} it, and read or sample the rows that output. Outputs are views
 * of native memory and can be read until the next decode.
 *
 * <p><b>Threads.</b> One call at a time, from any thread; a second one throws {@link IllegalStateException}. Only
 * {@link #abort()} and {@link #operations()} may be called beside another call.
 */
public final class LlamaContext implements AutoCloseable {
    static final int MAX_THREADS = 512;

    private final LlamaModel model;
    private final Handle handle;
    private final Owner owner = new Owner("The context");
    private final BatchLimits limits;
    private final ContextMemory memory;
    private final Outputs outputs;
    private final ContextAdapters adapters;
    private final DeviceSamplers deviceSamplers;
    private final OutputReader reader;
    private final Evaluator evaluator;
    private final @Nullable LlamaContext predicted;

    private LlamaContext(LlamaModel model, ContextOptions options, @Nullable LlamaContext predicted, Handle handle) {
        this.model = model;
        this.predicted = predicted;
        this.handle = handle;
        MemorySegment context = handle.pointer();
        boolean remembers = !Pointers.isNull(LlamaC.llama_get_memory(context));
        boolean causal = ContextParams.isCausal(options, model);
        boolean unified = Boolean.TRUE.equals(options.unifiedKvCache);
        this.limits = BatchLimits.of(context, model, unified, remembers);
        this.outputs = new Outputs(
                handle,
                owner,
                limits.batchSize(),
                Boolean.TRUE.equals(options.embeddings),
                remembers || model.isDiffusion());
        this.memory = new ContextMemory(this, unified);
        this.adapters = new ContextAdapters(model, handle);
        this.deviceSamplers = new DeviceSamplers(handle, limits.vocabularySize());
        this.reader = new OutputReader(model.figures(), handle, owner, limits, outputs, deviceSamplers);
        this.evaluator =
                new Evaluator(model, handle, limits, outputs, memory, new Evaluator.Attention(remembers, causal));
    }

    static LlamaContext create(LlamaModel model, ContextOptions options, @Nullable LlamaContext predicted) {
        if (predicted == null) {
            PredictionCheck.ofItsOwn(model);
        }
        Handle handle = ContextCreation.create(model, options, predicted == null ? null : predicted.handle);
        try {
            return new LlamaContext(model, options, predicted, handle);
        } catch (RuntimeException | Error e) {
            handle.close();
            throw e;
        }
    }

    /**
     * Makes a context for those layers of the same model that predict further tokens, which {@link Drafter#prediction}
     * works with.
     *
     * @throws UnsupportedOperationException if the model has no such layers, was loaded without them
     *     ({@link ModelOptions.Builder#multiTokenPrediction}), or has more or others than can be used here
     */
    public LlamaContext newPredictionContext(ContextOptions options) {
        Objects.requireNonNull(options, "options");
        handle.pointer();
        PredictionCheck.check(model);
        return create(model, options, this);
    }

    /** Whether it was made for that one's predictions. */
    boolean predicts(LlamaContext other) {
        return predicted == other;
    }

    /** Makes a batch for tokens, as large as the context allows. */
    public Batch newBatch() {
        return newBatch(limits.batchSize());
    }

    /** Makes a batch for tokens, of at most {@link #batchSize()} rows. */
    public Batch newBatch(int capacity) {
        handle.pointer();
        return new Batch(limits, capacity, false);
    }

    /**
     * Makes a batch for embeddings in the place of tokens.
     *
     * @throws UnsupportedOperationException if the model has several positions for each token (M-RoPE)
     */
    public Batch newEmbeddingBatch(int capacity) {
        handle.pointer();
        if (model.figures().multiplePositions()) {
            throw new UnsupportedOperationException(
                    "The model has several positions for each embedding; a batch of embeddings has one");
        }
        return new Batch(limits, capacity, true);
    }

    /**
     * Evaluates a batch: its tokens join the memory, and the rows that asked for it get an output.
     * ({@code llama_decode})
     *
     * @throws ContextFullException if the memory has no room; nothing has changed
     * @throws DecodeException if it was aborted, contradicts the memory or failed; its status says what remains
     * @throws IllegalStateException if the model has an encoder too, and {@link #encode} was not called before
     */
    public void decode(Batch batch) {
        evaluate(batch, true);
    }

    /**
     * Evaluates a batch by the model's encoder, without memory. ({@code llama_encode})
     *
     * @throws UnsupportedOperationException if the model has none: {@link LlamaModel#hasEncoder()}
     * @throws DecodeException if it was aborted or failed
     */
    public void encode(Batch batch) {
        evaluate(batch, false);
    }

    private void evaluate(Batch batch, boolean decode) {
        try (Owner.Use _ = owner.use()) {
            evaluator.run(batch, decode);
        }
    }

    /**
     * Makes the decode that is running, or else the next one, stop with {@link DecodeStatus#ABORTED}. Takes effect
     * between two operations on the CPU, between two batches elsewhere. May be called from any thread.
     */
    public void abort() {
        handle.pointer();
        evaluator.abort();
    }

    /**
     * A number that changes with every operation that the CPU does for this context, while a decode runs too: whether a
     * long one goes on. It counts up, wraps around, and stands still where a GPU does everything. May be called from any
     * thread.
     */
    public int operations() {
        handle.pointer();
        return evaluator.operations();
    }

    /** Waits until the device has finished what was decoded; reading an output does so too. */
    public void synchronize() {
        try (Owner.Use _ = owner.use()) {
            Natives.check(LlamaC.panllama_synchronize(handle.pointer()), "Waiting for the device");
        }
    }

    /**
     * The logits of a row of the last batch: a score for each token of the vocabulary.
     *
     * @throws IllegalArgumentException if the row did not ask for an output
     * @throws IllegalStateException if the model is an encoder, which has none, or the device has chosen the token
     *     from them: {@link #setDeviceSampler}
     */
    public Logits logits(int row) {
        return reader.logits(row);
    }

    /**
     * The embedding of a row of the last batch, in a context that computes embeddings.
     *
     * @throws IllegalStateException if the context computes none, or pools those of a sequence into one
     */
    public Embedding embedding(int row) {
        return reader.embedding(row);
    }

    /**
     * The pooled embedding of a sequence of the last batch; the scores of its classifier under
     * {@link PoolingType#RANK}.
     *
     * @throws IllegalStateException if the context does not pool
     */
    public Embedding sequenceEmbedding(int sequence) {
        return reader.sequenceEmbedding(sequence);
    }

    /** What the context remembers, as bytes to keep. */
    public ContextState state() {
        return ContextState.whole(this);
    }

    /** What the context remembers of one sequence, as bytes to keep. */
    public ContextState state(int sequence) {
        return ContextState.ofSequence(this, sequence);
    }

    /** The context's memory of tokens: its KV cache or recurrent state. */
    public ContextMemory memory() {
        return memory;
    }

    /**
     * Applies these adapters, each with its scale, from the next decode on; none when the map is empty. Swapping
     * adapters leaves the memory as it is. ({@code llama_set_adapters_lora})
     */
    public void setAdapters(Map<LoraAdapter, Float> scales) {
        try (Owner.Use _ = owner.use()) {
            adapters.setLora(scales);
        }
    }

    /** Adds a control vector to the hidden states, from the next decode on; {@code null} removes it. */
    public void setControlVector(@Nullable ControlVector vector) {
        try (Owner.Use _ = owner.use()) {
            adapters.setControlVector(vector);
        }
    }

    /**
     * Lets the device choose the tokens of a sequence while it decodes, from the next decode on, as a copy of a sampler
     * would; {@code null} ends that. A {@link Sampler} or {@link BatchSampler} then answers the device's choice for the
     * rows of the sequence, and lets its own chain accept it. Such a sequence may have one output in each batch. The
     * copy begins in the state that the sampler has now. ({@code llama_set_sampler}, experimental in llama.cpp)
     *
     * <p>A device runs biases, top-k, top-p, min-p and temperature before a random choice, and biases before the
     * likeliest token, where its backend has the operations for it, the CPU's included. Random choices have the same
     * distribution as on the host, not the same tokens. Logits that are not numbers may go unnoticed.
     *
     * <p>Setting a sampler with other stages than those that the sequence had makes the next decode lay out its
     * computation anew, which costs about as much as a decode; setting one that differs by its seed alone does not.
     *
     * @return whether the device does so; where not, or for {@code null}, the host chooses as ever
     * @throws IndexOutOfBoundsException if the sequence is not in [0, {@link #maxSequences()})
     * @throws IllegalArgumentException if the sampler was made for another vocabulary
     */
    public boolean setDeviceSampler(int sequence, @Nullable Sampler sampler) {
        try (Owner.Use _ = owner.use()) {
            handle.pointer();
            Check.index("sequence", sequence, limits.maxSequences());
            if (sampler != null) {
                sampler.checkVocabulary(this);
            }
            return deviceSamplers.set(sequence, sampler);
        }
    }

    /** Sets the threads that compute a single token, and those that compute a batch of more. */
    public void setThreads(int threads, int batchThreads) {
        Check.range("threads", threads, 1, MAX_THREADS);
        Check.range("batchThreads", batchThreads, 1, MAX_THREADS);
        try (Owner.Use _ = owner.use()) {
            Natives.check(
                    LlamaC.panllama_context_set_threads(handle.pointer(), threads, batchThreads),
                    "Setting the threads of the context");
        }
    }

    /** Switches the computation of embeddings on or off, from the next decode on. */
    public void setEmbeddings(boolean compute) {
        try (Owner.Use _ = owner.use()) {
            LlamaC.llama_set_embeddings(handle.pointer(), compute);
            outputs.setEveryRow(compute);
        }
    }

    /** Switches between causal attention and attention to the whole sequence, from the next decode on. */
    public void setCausalAttention(boolean causal) {
        try (Owner.Use _ = owner.use()) {
            LlamaC.llama_set_causal_attn(handle.pointer(), causal);
            evaluator.setCausal(causal);
        }
    }

    /** Times and counts since the last reset, when {@link ContextOptions.Builder#performanceCounters} is on. */
    public PerformanceCounters performance() {
        try (Owner.Use _ = owner.use();
                Arena arena = Arena.ofConfined()) {
            return PerformanceCounters.of(LlamaC.llama_perf_context(arena, handle.pointer()));
        }
    }

    /** Sets times and counts to zero. */
    public void resetPerformance() {
        try (Owner.Use _ = owner.use()) {
            LlamaC.llama_perf_context_reset(handle.pointer());
        }
    }

    /** The model that it computes with. */
    public LlamaModel model() {
        return model;
    }

    /** Tokens that the memory holds, over all sequences. ({@code llama_n_ctx}) */
    public int contextSize() {
        return LlamaC.llama_n_ctx(handle.pointer());
    }

    /** Tokens that the memory holds of one sequence. ({@code llama_n_ctx_seq}) */
    public int sequenceContextSize() {
        return LlamaC.llama_n_ctx_seq(handle.pointer());
    }

    /** The most rows of a batch. */
    public int batchSize() {
        return limits.batchSize();
    }

    /** The most rows computed at once. */
    public int microBatchSize() {
        return evaluator.microBatchSize();
    }

    /** Bound of sequence ids. */
    public int maxSequences() {
        return limits.maxSequences();
    }

    /** Threads that compute a single token. */
    public int threads() {
        return LlamaC.llama_n_threads(handle.pointer());
    }

    /** Threads that compute a batch. */
    public int batchThreads() {
        return LlamaC.llama_n_threads_batch(handle.pointer());
    }

    /** How embeddings are pooled. */
    public PoolingType pooling() {
        return reader.pooling();
    }

    /** Whether {@link #close} was called. */
    public boolean isClosed() {
        return handle.isClosed();
    }

    /**
     * Frees the context. May be called twice.
     *
     * @throws IllegalStateException if another call is running: {@link #abort()} it first
     */
    @Override
    public void close() {
        try (Owner.Use _ = owner.use()) {
            outputs.forget();
            handle.close();
            deviceSamplers.close();
        }
    }

    Handle handle() {
        return handle;
    }

    Owner owner() {
        return owner;
    }

    Outputs outputs() {
        return outputs;
    }

    BatchLimits limits() {
        return limits;
    }
}
