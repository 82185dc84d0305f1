package io.github.panllama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.panllama.bindings.gen.llama_batch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/**
 * Tokens, or embeddings in their place, to be evaluated together: each with its position, the sequences it belongs to,
 * and whether it shall output logits. Made by {@link LlamaContext#newBatch} for that context's limits, filled, decoded,
 * cleared and filled again without allocating.
 *
 * <p><b>Threads.</b> One thread at a time. Closing it while it is being decoded throws.
 */
public final class Batch implements AutoCloseable {
    /** Sequences that one token may belong to; more would only share a prefix that {@link ContextMemory#copy} shares. */
    private static final int MAX_SEQUENCES_PER_TOKEN = 256;

    private final Handle handle;
    private final Owner owner = new Owner("The batch");
    private final BatchLimits limits;
    private final int capacity;
    private final boolean holdsEmbeddings;
    private final int sequencesPerToken;
    private final MemorySegment struct;
    private final MemorySegment tokens;
    private final MemorySegment embeddings;
    private final MemorySegment positions;
    private final MemorySegment sequenceCounts;
    private final MemorySegment sequences;
    private final MemorySegment outputs;
    private int size;
    private int outputCount;

    Batch(BatchLimits limits, int capacity, boolean holdsEmbeddings) {
        this.limits = limits;
        this.capacity = Check.range("capacity", capacity, 1, limits.batchSize());
        this.holdsEmbeddings = holdsEmbeddings;
        this.handle = Handle.memory("The batch");
        this.sequencesPerToken = Math.min(limits.maxSequences(), MAX_SEQUENCES_PER_TOKEN);
        Arena arena = handle.arena();
        this.tokens = holdsEmbeddings ? MemorySegment.NULL : arena.allocate(JAVA_INT, capacity);
        this.embeddings = holdsEmbeddings
                ? arena.allocate(JAVA_FLOAT, (long) capacity * limits.inputEmbeddingLength())
                : MemorySegment.NULL;
        this.positions = arena.allocate(JAVA_INT, capacity);
        this.sequenceCounts = arena.allocate(JAVA_INT, capacity);
        this.sequences = arena.allocate(JAVA_INT, (long) capacity * sequencesPerToken);
        this.outputs = arena.allocate(JAVA_BYTE, capacity);
        this.struct = struct(arena);
    }

    private MemorySegment struct(Arena arena) {
        MemorySegment pointers = arena.allocate(ADDRESS, capacity);
        for (int i = 0; i < capacity; i++) {
            pointers.setAtIndex(ADDRESS, i, sequences.asSlice((long) i * sequencesPerToken * Integer.BYTES));
        }
        MemorySegment batch = llama_batch.allocate(arena);
        llama_batch.token(batch, tokens);
        llama_batch.embd(batch, embeddings);
        llama_batch.pos(batch, positions);
        llama_batch.n_seq_id(batch, sequenceCounts);
        llama_batch.seq_id(batch, pointers);
        llama_batch.logits(batch, outputs);
        return batch;
    }

    /**
     * Adds a token of one sequence.
     *
     * @param token its id, below the vocabulary's size
     * @param position its place in the sequence, from 0; each sequence's positions follow one another
     * @param sequence the sequence's id, below the context's {@code maxSequences}
     * @param output whether to compute logits for it; a context that computes embeddings outputs every row
     * @return its row, by which {@link LlamaContext#logits} finds its output after the decode
     * @throws IllegalStateException if the batch is full or closed
     */
    public int add(int token, int position, int sequence, boolean output) {
        enter();
        try {
            int row = checkRow(holdsEmbeddings, position);
            Check.index("token", token, limits.vocabularySize());
            Check.index("sequence", sequence, limits.maxSequences());
            tokens.setAtIndex(JAVA_INT, row, token);
            sequences.setAtIndex(JAVA_INT, (long) row * sequencesPerToken, sequence);
            return finish(row, position, 1, output);
        } finally {
            owner.exit();
        }
    }

    /**
     * Adds a token that several sequences share, as the start that they have in common.
     *
     * @throws UnsupportedOperationException for more than one, in a context whose KV cache is not unified
     */
    public int add(int token, int position, int[] sequences, boolean output) {
        Objects.requireNonNull(sequences, "sequences");
        enter();
        try {
            int row = checkRow(holdsEmbeddings, position);
            Check.index("token", token, limits.vocabularySize());
            putSequences(row, sequences);
            tokens.setAtIndex(JAVA_INT, row, token);
            return finish(row, position, sequences.length, output);
        } finally {
            owner.exit();
        }
    }

    /** Adds tokens that follow one another in one sequence; the last one outputs when {@code outputLast} says so. */
    public void addAll(int[] tokens, int from, int to, int firstPosition, int sequence, boolean outputLast) {
        Objects.checkFromToIndex(from, to, tokens.length);
        checkOpen();
        if (to - from > capacity - size) {
            throw new IllegalStateException(
                    "%d tokens do not fit: the batch holds %d of %d".formatted(to - from, size, capacity));
        }
        int sizeBefore = size;
        int outputsBefore = outputCount;
        try {
            for (int i = from; i < to; i++) {
                add(tokens[i], firstPosition + (i - from), sequence, outputLast && i == to - 1);
            }
        } catch (RuntimeException e) {
            size = sizeBefore;
            outputCount = outputsBefore;
            throw e;
        }
    }

    /**
     * Adds an embedding in the place of a token, in a batch made by {@link LlamaContext#newEmbeddingBatch}.
     *
     * @param embedding {@link LlamaModel#inputEmbeddingLength()} floats
     */
    public int addEmbedding(float[] embedding, int position, int sequence, boolean output) {
        Objects.requireNonNull(embedding, "embedding");
        enter();
        try {
            int row = checkRow(!holdsEmbeddings, position);
            Check.index("sequence", sequence, limits.maxSequences());
            int length = limits.inputEmbeddingLength();
            Check.range("the length of embedding", embedding.length, length, length);
            MemorySegment.copy(embedding, 0, embeddings, JAVA_FLOAT, (long) row * length * Float.BYTES, length);
            sequences.setAtIndex(JAVA_INT, (long) row * sequencesPerToken, sequence);
            return finish(row, position, 1, output);
        } finally {
            owner.exit();
        }
    }

    /** Sets whether a row shall output, after it was added. */
    public void setOutput(int row, boolean output) {
        enter();
        try {
            Check.index("row", row, size);
            boolean before = outputs.get(JAVA_BYTE, row) != 0;
            if (before != output) {
                outputs.set(JAVA_BYTE, row, (byte) (output ? 1 : 0));
                outputCount += output ? 1 : -1;
            }
        } finally {
            owner.exit();
        }
    }

    /** Empties the batch. */
    public void clear() {
        enter();
        size = 0;
        outputCount = 0;
        owner.exit();
    }

    /** Rows added so far. */
    public int size() {
        return size;
    }

    /** Rows that it can hold. */
    public int capacity() {
        return capacity;
    }

    /** Whether no row was added. */
    public boolean isEmpty() {
        return size == 0;
    }

    /** Rows that shall output. */
    public int outputCount() {
        return outputCount;
    }

    /** Frees the batch's memory. May be called twice. */
    @Override
    public void close() {
        try (Owner.Use _ = owner.use()) {
            handle.close();
        }
    }

    private void enter() {
        owner.enter();
        try {
            checkOpen();
        } catch (IllegalStateException e) {
            owner.exit();
            throw e;
        }
    }

    private void checkOpen() {
        if (handle.isClosed()) {
            throw new IllegalStateException("The batch is closed");
        }
    }

    private int checkRow(boolean wrongKind, int position) {
        if (wrongKind) {
            throw new IllegalStateException(
                    holdsEmbeddings
                            ? "The batch holds embeddings, not tokens"
                            : "The batch holds tokens, not embeddings");
        }
        if (size == capacity) {
            throw new IllegalStateException("The batch is full: it holds " + capacity + " rows");
        }
        Check.index("position", position, limits.maxPositions());
        return size;
    }

    private void putSequences(int row, int[] ids) {
        Check.range("the number of sequences", ids.length, 1, sequencesPerToken);
        if (ids.length > 1 && !limits.sharedTokens()) {
            throw new UnsupportedOperationException(
                    "A token can belong to several sequences only in a context with unifiedKvCache(true)");
        }
        for (int i = 0; i < ids.length; i++) {
            Check.index("sequence", ids[i], limits.maxSequences());
            for (int j = 0; j < i; j++) {
                if (ids[j] == ids[i]) {
                    throw new IllegalArgumentException("sequence " + ids[i] + " is named twice for one token");
                }
            }
            sequences.setAtIndex(JAVA_INT, (long) row * sequencesPerToken + i, ids[i]);
        }
    }

    private int finish(int row, int position, int count, boolean output) {
        positions.setAtIndex(JAVA_INT, row, position);
        sequenceCounts.setAtIndex(JAVA_INT, row, count);
        outputs.set(JAVA_BYTE, row, (byte) (output ? 1 : 0));
        outputCount += output ? 1 : 0;
        size = row + 1;
        return row;
    }

    /** Marks the batch as in use and answers it as C wants it. */
    MemorySegment enterDecode() {
        enter();
        llama_batch.n_tokens(struct, size);
        return struct;
    }

    void exitDecode() {
        owner.exit();
    }

    boolean hasSharedTokens() {
        for (int row = 0; row < size; row++) {
            if (sequenceCounts.getAtIndex(JAVA_INT, row) > 1) {
                return true;
            }
        }
        return false;
    }

    BatchLimits limits() {
        return limits;
    }

    /** What a context that computes embeddings does with every batch. */
    void outputEveryRow() {
        outputs.asSlice(0, size).fill((byte) 1);
        outputCount = size;
    }

    /** Copies which rows output into {@code rows}. */
    void copyOutputs(boolean[] rows) {
        Arrays.fill(rows, 0, size, false);
        for (int i = 0; i < size; i++) {
            rows[i] = outputs.get(JAVA_BYTE, i) != 0;
        }
    }
}
