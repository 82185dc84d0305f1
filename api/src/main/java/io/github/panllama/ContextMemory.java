package io.github.panllama;

import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What a context remembers of its sequences: a KV cache, a recurrent state, or both. Positions are given as a range
 * {@code [from, to)}; {@link #END} as {@code to} means everything after {@code from}.
 *
 * <p><b>Threads.</b> Those of its context: one call at a time.
 */
public final class ContextMemory {
    /** As the end of a range: no end. */
    public static final int END = -1;

    private final LlamaContext context;
    private final boolean unified;

    /** Whether the next decode has copies or shifts to carry out before the memory is what it says. */
    private boolean unsettled;

    ContextMemory(LlamaContext context, boolean unified) {
        this.context = context;
        this.unified = unified;
    }

    /** Forgets every sequence. ({@code llama_memory_clear}) */
    public void clear() {
        run(pointer -> LlamaC.panllama_memory_clear(pointer, true), "Clearing the memory");
    }

    /** Forgets a sequence. */
    public void remove(int sequence) {
        remove(sequence, 0, END);
    }

    /**
     * Forgets a part of a sequence. ({@code llama_memory_seq_rm})
     *
     * @return whether it was possible: a recurrent state cannot lose a part, but for its last tokens where it keeps
     *     {@link ContextOptions.Builder#recurrentSnapshots}
     */
    public boolean remove(int sequence, int from, int to) {
        checkSequence(sequence);
        checkRange(from, to);
        if (isInsideState(sequence, from, to)) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment removed = arena.allocate(JAVA_BOOLEAN);
            run(
                    pointer -> LlamaC.panllama_memory_remove(pointer, sequence, from, to, removed),
                    "Removing from the memory");
            return removed.get(JAVA_BOOLEAN, 0);
        }
    }

    /**
     * Whether the range ends before the sequence does, in a state that llama.cpp would leave as it is and say "done".
     */
    private boolean isInsideState(int sequence, int from, int to) {
        return hasState() && to != END && from < to && to <= maxPosition(sequence);
    }

    /** Whether a part of the memory is a state, which has no positions to tell its parts by. */
    private boolean hasState() {
        ModelFigures figures = context.model().figures();
        return figures.recurrent() || figures.hybrid();
    }

    /** Lets {@code target} begin with all of {@code source}; nothing is computed. */
    public void copy(int source, int target) {
        copy(source, target, 0, END);
    }

    /**
     * Lets {@code target} share a part of {@code source}. ({@code llama_memory_seq_cp})
     *
     * @throws UnsupportedOperationException for a part that is not the whole sequence, in a context whose KV cache is
     *     not unified, or of a model with a recurrent state or compressed attention (DeepSeek V4)
     */
    public void copy(int source, int target, int from, int to) {
        checkSequence(source);
        checkSequence(target);
        checkRange(from, to);
        boolean whole = from == 0 && (to == END || to > maxPosition(source));
        if (!whole && source != target && (!unified || hasState())) {
            throw new UnsupportedOperationException(
                    hasState()
                            ? "A recurrent state cannot be shared in part"
                            : "A part of a sequence can be shared only in a context with unifiedKvCache(true)");
        }
        if (!whole && source != target && !sharesParts()) {
            throw new UnsupportedOperationException("The memory of this model shares whole sequences only");
        }
        run(
                pointer -> LlamaC.panllama_memory_copy(pointer, source, target, whole ? -1 : from, whole ? END : to),
                "Copying in the memory",
                source != target && !unified && !context.model().figures().recurrent());
    }

    /** Forgets every sequence but one. ({@code llama_memory_seq_keep}) */
    public void keep(int sequence) {
        checkSequence(sequence);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment removed = arena.allocate(JAVA_BOOLEAN);
            run(pointer -> keep(pointer, sequence, removed), "Keeping a sequence");
        }
    }

    /** llama.cpp alone would look only at the part of the cache that is this sequence's, where it is not unified. */
    private int keep(MemorySegment pointer, int sequence, MemorySegment removed) {
        int status = LlamaC.panllama_memory_keep(pointer, sequence);
        for (int other = 0; other < context.maxSequences() && status == LlamaC.PANLLAMA_OK(); other++) {
            if (other != sequence) {
                status = LlamaC.panllama_memory_remove(pointer, other, 0, END, removed);
            }
        }
        return status;
    }

    /**
     * Moves a part of a sequence by {@code delta} positions, as after a cut before it. ({@code llama_memory_seq_add})
     *
     * @throws UnsupportedOperationException if {@link #canShift()} is false
     */
    public void shift(int sequence, int from, int to, int delta) {
        checkSequence(sequence);
        checkRange(from, to);
        checkShift();
        if (from + (long) delta < 0) {
            throw new IllegalArgumentException("delta is %d, which moves position %d below 0".formatted(delta, from));
        }
        int bound = context.limits().maxPositions();
        int last = to == END ? maxPosition(sequence) : to - 1;
        if (last + (long) delta >= bound) {
            throw new IllegalArgumentException(
                    "delta is %d, which moves position %d past the largest, %d".formatted(delta, last, bound - 1));
        }
        run(pointer -> LlamaC.panllama_memory_shift(pointer, sequence, from, to, delta), "Shifting the memory", true);
    }

    /**
     * Divides the positions of a part of a sequence. ({@code llama_memory_seq_div})
     *
     * @param divisor more than 1
     * @throws UnsupportedOperationException if {@link #canShift()} is false
     */
    public void divide(int sequence, int from, int to, int divisor) {
        checkSequence(sequence);
        checkRange(from, to);
        Check.range("divisor", divisor, 2, Integer.MAX_VALUE);
        checkShift();
        run(pointer -> LlamaC.panllama_memory_divide(pointer, sequence, from, to, divisor), "Dividing positions", true);
    }

    /** The smallest position of a sequence in the memory, -1 when it has none. */
    public int minPosition(int sequence) {
        checkSequence(sequence);
        return ask(memory -> LlamaC.llama_memory_seq_pos_min(memory, sequence));
    }

    /** The largest position of a sequence in the memory, -1 when it has none. */
    public int maxPosition(int sequence) {
        checkSequence(sequence);
        return ask(memory -> LlamaC.llama_memory_seq_pos_max(memory, sequence));
    }

    /**
     * Whether all sequences share the room of one KV cache, as {@link ContextOptions.Builder#unifiedKvCache} asks for.
     */
    public boolean isUnified() {
        context.handle().pointer();
        return unified;
    }

    /** Whether a sequence can begin with a part of another: see {@link #copy(int, int, int, int)}. */
    public boolean canShareParts() {
        context.handle().pointer();
        return unified && !hasState() && sharesParts();
    }

    /** Whether a sequence can lose its end and keep the rest: a recurrent state cannot. */
    public boolean canRemoveParts() {
        context.handle().pointer();
        return !hasState() && sharesParts();
    }

    /** Whether a state can be saved and restored: not while the next decode has copies or shifts to carry out. */
    public boolean isSettled() {
        context.owner().enter();
        try {
            context.handle().pointer();
            return !unsettled;
        } finally {
            context.owner().exit();
        }
    }

    private boolean sharesParts() {
        return !context.model().architecture().equals("deepseek4");
    }

    /**
     * How many of its last tokens a sequence can lose at a time and go on from there: a KV cache any, a memory with a state
     * as many as it keeps {@link ContextOptions.Builder#recurrentSnapshots}. ({@code llama_n_rs_seq})
     */
    public int mostRemovable() {
        MemorySegment pointer = context.handle().pointer();
        return hasState() || !sharesParts() ? LlamaC.llama_n_rs_seq(pointer) : Integer.MAX_VALUE;
    }

    /** Whether positions can be moved. ({@code llama_memory_can_shift}) */
    public boolean canShift() {
        return ask(memory -> LlamaC.llama_memory_can_shift(memory) ? 1 : 0) > 0;
    }

    private interface Call {
        int on(MemorySegment pointer);
    }

    private void run(Call call, String what) {
        run(call, what, false);
    }

    private void run(Call call, String what, boolean unsettles) {
        context.owner().enter();
        try {
            Natives.check(call.on(context.handle().pointer()), what);
            unsettled |= unsettles;
        } finally {
            context.owner().exit();
        }
    }

    /** A decode has carried out what there was. For those who own the context. */
    void settled() {
        unsettled = false;
    }

    /** Refuses where the memory's bytes are not yet what its positions say. For those who own the context. */
    void checkSettled() {
        if (unsettled) {
            throw new IllegalStateException("The memory has copies or shifts that the next decode carries out:"
                    + " decode before a state is saved or restored");
        }
    }

    /** Asks the memory, which models without one do not have. */
    private int ask(Call call) {
        context.owner().enter();
        try {
            MemorySegment memory = LlamaC.llama_get_memory(context.handle().pointer());
            return memory.equals(MemorySegment.NULL) ? -1 : call.on(memory);
        } finally {
            context.owner().exit();
        }
    }

    private void checkSequence(int sequence) {
        Check.index("sequence", sequence, context.maxSequences());
    }

    private static void checkRange(int from, int to) {
        Check.notNegative("from", from);
        if (to != END && to < from) {
            throw new IllegalArgumentException("The range [%d, %d) ends before it starts".formatted(from, to));
        }
    }

    private void checkShift() {
        if (!canShift()) {
            throw new UnsupportedOperationException("The memory of this model cannot be shifted");
        }
    }
}
