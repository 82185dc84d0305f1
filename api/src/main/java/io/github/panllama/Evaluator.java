package io.github.panllama;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/** Runs batches in a context: refuses what C would not survive, and turns its codes into exceptions. */
final class Evaluator {
    private static final VarHandle FLAG = JAVA_INT.varHandle();
    /** What C counts in is beside the flag. */
    private static final long COUNT = JAVA_INT.byteSize();

    /**
     * What decides how a batch is divided.
     *
     * @param remembers whether the context has a memory
     * @param causal whether tokens attend only to those before them, at first
     */
    record Attention(boolean remembers, boolean causal) {}

    private final Handle handle;
    private final BatchLimits limits;
    private final Outputs outputs;
    private final ContextMemory memory;
    private final Attention attention;
    private final MemorySegment abortFlag;
    private final int microBatchSize;
    private final boolean hasEncoder;
    private boolean causal;
    private boolean encoded;

    Evaluator(
            LlamaModel model,
            Handle context,
            BatchLimits limits,
            Outputs outputs,
            ContextMemory memory,
            Attention attention) {
        this.handle = context;
        this.limits = limits;
        this.outputs = outputs;
        this.memory = memory;
        this.attention = attention;
        this.causal = attention.causal();
        this.hasEncoder = model.hasEncoder();
        this.microBatchSize = LlamaC.llama_n_ubatch(context.pointer());
        this.abortFlag = context.arena().allocate(JAVA_INT, 2);
        Natives.check(LlamaC.panllama_context_set_abort_flag(context.pointer(), abortFlag), "Setting the abort flag");
    }

    int microBatchSize() {
        return microBatchSize;
    }

    void setCausal(boolean causal) {
        this.causal = causal;
    }

    /** From any thread: the batch that is running, or else the next one, stops. */
    void abort() {
        FLAG.setRelease(abortFlag, 0L, 1);
    }

    /** From any thread: see {@link LlamaContext#operations}. */
    int operations() {
        return (int) FLAG.getOpaque(abortFlag, COUNT);
    }

    void run(Batch batch, boolean decode) {
        MemorySegment context = handle.pointer();
        MemorySegment struct = batch.enterDecode();
        int code;
        try {
            checkBatch(batch, decode);
            outputs.begin(batch);
            code = decode ? LlamaC.panllama_decode(context, struct) : LlamaC.panllama_encode(context, struct);
        } finally {
            batch.exitDecode();
        }
        if (decode && !Natives.failed(code) && DecodeStatus.of(code) != DecodeStatus.INVALID_BATCH) {
            memory.settled();
        }
        if (code != 0) {
            outputs.forget();
            throw failure(code, batch.size());
        }
        encoded |= !decode;
    }

    private void checkBatch(Batch batch, boolean decode) {
        if (!batch.limits().equals(limits)) {
            throw new IllegalArgumentException(
                    "The batch was made by a context with other limits; make one with newBatch()");
        }
        if (batch.isEmpty()) {
            throw new IllegalArgumentException("The batch is empty");
        }
        if (!decode && attention.remembers() && !hasEncoder) {
            throw new UnsupportedOperationException("The model has no encoder; use decode()");
        }
        if (decode && !encoded && attention.remembers() && hasEncoder) {
            throw new IllegalStateException("Nothing was encoded yet for the decoder to look at: call encode() first");
        }
        // Without memory a decode is an encode, which never divides its batch.
        if ((!causal || !decode || !attention.remembers()) && batch.size() > microBatchSize) {
            throw new IllegalArgumentException(
                    "Without causal attention a batch must fit into one micro-batch: it has %d rows, microBatchSize is %d"
                            .formatted(batch.size(), microBatchSize));
        }
    }

    private DecodeException failure(int code, int size) {
        if (Natives.failed(code)) {
            return new DecodeException(DecodeStatus.FAILED, "Decoding failed: " + Natives.lastError());
        }
        return switch (DecodeStatus.of(code)) {
            case NO_ROOM ->
                new ContextFullException("The context, of %d tokens for %d sequences, has no room for a batch of %d"
                        .formatted(LlamaC.llama_n_ctx(handle.pointer()), limits.maxSequences(), size));
            case ABORTED -> {
                FLAG.setRelease(abortFlag, 0L, 0);
                yield new DecodeException(DecodeStatus.ABORTED, "Decoding was aborted");
            }
            case INVALID_BATCH ->
                new DecodeException(
                        DecodeStatus.INVALID_BATCH,
                        "The batch contradicts the memory: the positions of each sequence must follow the last one there");
            case FAILED -> new DecodeException(DecodeStatus.FAILED, "Decoding failed with code " + code);
        };
    }
}
