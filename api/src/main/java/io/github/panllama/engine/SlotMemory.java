package io.github.panllama.engine;

import io.github.panllama.ContextMemory;
import io.github.panllama.LlamaContext;
import io.github.panllama.StateCopy;
import java.util.Arrays;
import java.util.Collection;

/** What the context has of its sequences. After each call the slots, the account of cells and the context agree. */
final class SlotMemory {
    private final LlamaContext context;
    private final ContextMemory memory;
    private final CellLedger ledger;
    private final int capacity;

    SlotMemory(LlamaContext context) {
        this.context = context;
        memory = context.memory();
        ledger = new CellLedger(context.maxSequences());
        // Where sequences have rooms of their own, none can take another's.
        capacity = memory.isUnified() ? context.contextSize() : Integer.MAX_VALUE;
    }

    /** Cells of all sequences together. */
    int capacity() {
        return capacity;
    }

    /** Cells that are taken. */
    int used() {
        return ledger.used();
    }

    /** Cells that would be taken if only these sequences were there. */
    int usedBy(Collection<Integer> sequences) {
        return ledger.usedBy(sequences);
    }

    /** Whether a sequence can begin with a part of another. */
    boolean canShare() {
        return memory.canRemoveParts();
    }

    /** A step has computed what was planned. */
    void carryOut(Slot slot) {
        ledger.grow(slot.sequence(), slot.planned());
        slot.carryOut();
    }

    /** Keeps the first tokens of a sequence; none where its memory cannot be cut. */
    void truncate(Slot slot, int length) {
        truncate(slot, length, length < slot.length());
    }

    /**
     * The same.
     *
     * @param more whether the memory may hold more than that
     */
    void truncate(Slot slot, int length, boolean more) {
        int kept = length;
        if (kept > 0 && more && !memory.remove(slot.sequence(), kept, ContextMemory.END)) {
            kept = 0;
        }
        if (kept == 0) {
            memory.remove(slot.sequence());
            slot.leaveSession();
        }
        slot.truncate(kept);
        ledger.truncate(slot.sequence(), kept);
    }

    /** Lets a sequence, which is empty, begin as another one does. */
    void share(Slot source, Slot target, int length) {
        int[] tokens = Arrays.copyOf(source.tokens(), length);
        if (memory.isUnified()) {
            memory.copy(source.sequence(), target.sequence(), 0, length);
            ledger.share(source.sequence(), target.sequence(), length);
        } else {
            // Rooms of their own are copied whole, with the next decode.
            memory.copy(source.sequence(), target.sequence());
            memory.remove(target.sequence(), length, ContextMemory.END);
            ledger.grow(target.sequence(), length);
        }
        target.fill(tokens, false);
    }

    /** Whether a sequence can be saved now: not while the next decode has copies to carry out. */
    boolean canSave() {
        return memory.isSettled();
    }

    /** Bytes that {@link #park} takes. */
    long size(Slot slot) {
        return context.state(slot.sequence()).sizeInBytes();
    }

    /** What the context remembers of a sequence, which stays. */
    Parked park(Slot slot) {
        ParkEvent event = ParkEvent.start();
        StateCopy copy = context.state(slot.sequence()).copy();
        Parked parked = new Parked(slot.tokens(), slot.isShifted(), copy.sizeInBytes());
        parked.copy = copy;
        if (event != null) {
            event.toMemory(slot.session(), !slot.isIdle(), parked);
        }
        return parked;
    }

    /**
     * Lets a sequence, which is empty, go on as it was.
     *
     * @param copy what was copied when it was parked
     * @param job who gets it
     */
    void restore(Slot slot, Parked parked, StateCopy copy, Job job) {
        UnparkEvent event = UnparkEvent.start();
        context.state(slot.sequence()).restore(copy);
        ledger.grow(slot.sequence(), parked.tokens.length);
        slot.fill(parked.tokens, parked.shifted);
        if (event != null) {
            event.fromMemory(job.session(), parked == job.preempted(), parked);
        }
    }

    /** Whether other sequences have some of its cells too. */
    boolean isShared(Slot slot) {
        return ledger.isShared(slot.sequence());
    }

    /** Forgets some tokens after the first ones, and moves the rest up. Nobody must share them. */
    void shift(Slot slot, int keep, int count) {
        int sequence = slot.sequence();
        memory.remove(sequence, keep, keep + count);
        memory.shift(sequence, keep + count, ContextMemory.END, -count);
        ledger.truncate(sequence, slot.length() - count);
        slot.shift(keep, count);
    }
}
