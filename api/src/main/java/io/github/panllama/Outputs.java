package io.github.panllama;

import io.github.panllama.bindings.Pointers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Which rows of a context's last batch have an output, and until when views of them are valid. */
final class Outputs {
    private final Handle context;
    private final Owner owner;
    private final boolean[] rowOutputs;
    private final boolean givesLogits;
    private boolean everyRow;
    private int rows;
    private long generation;

    /**
     * @param everyRow whether every row outputs, as in a context that computes embeddings
     * @param givesLogits whether the model computes logits: C has memory for them in any case
     */
    Outputs(Handle context, Owner owner, int batchSize, boolean everyRow, boolean givesLogits) {
        this.context = context;
        this.owner = owner;
        this.rowOutputs = new boolean[batchSize];
        this.everyRow = everyRow;
        this.givesLogits = givesLogits;
    }

    /** A context that computes embeddings outputs every row, whatever the batch asks for. */
    void setEveryRow(boolean everyRow) {
        this.everyRow = everyRow;
    }

    /** The outputs of this batch take the place of the last one's. */
    void begin(Batch batch) {
        generation++;
        if (everyRow) {
            batch.outputEveryRow();
        }
        batch.copyOutputs(rowOutputs);
        rows = batch.size();
    }

    /** There are no outputs any more. */
    void forget() {
        generation++;
        rows = 0;
    }

    void checkAny() {
        context.pointer();
        if (rows == 0) {
            throw new IllegalStateException("There is no output: nothing was decoded since it was last reset");
        }
    }

    /** Whether the last decode was of a batch of this size. */
    void checkRows(int size) {
        checkAny();
        if (rows != size) {
            throw new IllegalStateException("The last batch had %d rows, and this one has %d".formatted(rows, size));
        }
    }

    void check(int row) {
        checkAny();
        Check.index("row", row, rows);
        if (!rowOutputs[row]) {
            throw new IllegalArgumentException("row " + row + " has no output: it was added with output = false");
        }
    }

    void checkLogits(int row) {
        check(row);
        if (!givesLogits) {
            throw new IllegalStateException("The model computes embeddings, no logits");
        }
    }

    /** The view of {@code length} floats at {@code pointer}, which C answers with NULL when it has none. */
    FloatView view(MemorySegment pointer, String what, int length) {
        if (Pointers.isNull(pointer)) {
            throw new IllegalStateException(
                    "The context has no " + what + ": see embeddings() and pooling() of ContextOptions");
        }
        MemorySegment floats = context.view(pointer, length * ValueLayout.JAVA_FLOAT.byteSize());
        return new FloatView(this, floats, length, generation);
    }

    /** Starts reading a view: nothing may be decoded meanwhile, nor may the view be of an earlier decode. */
    void enterRead(long viewGeneration) {
        owner.enter();
        if (viewGeneration != generation) {
            owner.exit();
            context.pointer();
            throw new IllegalStateException("The output is gone: the context has decoded again since");
        }
    }

    void exitRead() {
        owner.exit();
    }
}
