package io.github.panllama.engine;

import io.github.panllama.ContextMemory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which sequence a job gets, with as much of its prompt as is in the KV cache already, and which finished sequences
 * have to go for it.
 */
final class Placement {
    /** Fewer tokens are computed sooner than shared. */
    private static final int LEAST_SHARED = 16;

    private final List<Slot> slots;
    private final ContextMemory memory;
    private final CellLedger ledger;
    private final int capacity;
    private final boolean canShare;
    /** Sequences whose prompt is not computed yet, in the order in which they began. */
    private final List<Slot> prefilling = new ArrayList<>();

    private long turn;

    /**
     * A placement.
     *
     * @param capacity cells of all sequences together
     * @param canShare whether a sequence can begin with a part of another
     */
    Placement(List<Slot> slots, ContextMemory memory, CellLedger ledger, int capacity, boolean canShare) {
        this.slots = slots;
        this.memory = memory;
        this.ledger = ledger;
        this.capacity = capacity;
        this.canShare = canShare;
    }

    /** What can be done about a job. */
    enum Answer {
        BEGUN,
        /** It would begin with what another job is about to compute. */
        WAITS_FOR_PREFIX,
        NO_ROOM
    }

    boolean hasIdle() {
        for (Slot slot : slots) {
            if (slot.isIdle()) {
                return true;
            }
        }
        return false;
    }

    /** Gives a job a sequence. There must be an idle one. */
    Answer place(Job job, long now) {
        Slot best = slots.stream()
                .filter(slot -> canShare || slot.isIdle())
                .max(Comparator.comparingInt((Slot slot) -> slot.common(job)).thenComparing(Slot::isIdle))
                .orElseThrow();
        int common = best.common(job);
        if (canShare && later(job) >= common + LEAST_SHARED) {
            return Answer.WAITS_FOR_PREFIX;
        }
        boolean goesOn = best.isIdle() && (common == best.length() || !canShare || onlyIdle(best));
        if (!goesOn && common >= LEAST_SHARED) {
            if (makeRoom(job.mostCells() - common, best)) {
                return begin(job, copy(best, common), now);
            }
            goesOn = best.isIdle();
            if (!goesOn) {
                return Answer.NO_ROOM;
            }
        }
        if (goesOn) {
            truncate(best, common);
        }
        Slot target = goesOn ? best : freest(null);
        if (!makeRoom(job.mostCells() - (goesOn ? best.length() : 0), goesOn ? best : null)) {
            return Answer.NO_ROOM;
        }
        if (!goesOn) {
            truncate(target, 0);
        }
        return begin(job, target, now);
    }

    private Slot copy(Slot source, int common) {
        Slot target = freest(source);
        truncate(target, 0);
        memory.copy(source.sequence(), target.sequence(), 0, common);
        ledger.share(source.sequence(), target.sequence(), common);
        target.copyFrom(source, common);
        return target;
    }

    private Answer begin(Job job, Slot slot, long now) {
        slot.begin(job, ++turn);
        job.begin(now, slot.length());
        prefilling.add(slot);
        return Answer.BEGUN;
    }

    /** Sequences whose prompt is to be computed, the first ones first. */
    List<Slot> prefilling() {
        return prefilling;
    }

    /** A step is done: the prompts that it has computed to their end wait no more. */
    void stepped() {
        prefilling.removeIf(slot -> !slot.isPrefilling());
    }

    /** How much of a prompt will be in the cache when the prompts that are being computed are. */
    private int later(Job job) {
        return prefilling.stream().mapToInt(slot -> slot.commonLater(job)).max().orElse(0);
    }

    private boolean onlyIdle(Slot slot) {
        return slots.stream().noneMatch(other -> other != slot && other.isIdle());
    }

    /** An empty sequence, else the one that was used longest ago. */
    private Slot freest(@Nullable Slot but) {
        return idle(but)
                .min(Comparator.comparing((Slot slot) -> slot.length() > 0).thenComparingLong(Slot::turn))
                .orElseThrow();
    }

    private Stream<Slot> idle(@Nullable Slot but) {
        return slots.stream().filter(slot -> slot.isIdle() && slot != but);
    }

    /** Lets finished sequences go until so many cells are free for one more job; none when that is not enough. */
    private boolean makeRoom(int cells, @Nullable Slot kept) {
        int promised = slots.stream().mapToInt(this::promised).sum();
        List<Integer> staying = slots.stream()
                .filter(slot -> !slot.isIdle() || slot == kept)
                .map(Slot::sequence)
                .toList();
        if ((long) ledger.usedBy(staying) + promised + cells > capacity) {
            return false;
        }
        while (ledger.used() + promised + cells > capacity) {
            truncate(oldest(kept).orElseThrow(), 0);
        }
        return true;
    }

    private Optional<Slot> oldest(@Nullable Slot but) {
        return idle(but).filter(slot -> slot.length() > 0).min(Comparator.comparingLong(Slot::turn));
    }

    /** Cells that a job can still come to need. */
    private int promised(Slot slot) {
        Job job = slot.job();
        return job == null ? 0 : job.mostCells() - slot.length();
    }

    /** A job has ended; what was computed for it stays while there is room, or goes. */
    void end(Slot slot, boolean keep) {
        slot.end(++turn);
        prefilling.remove(slot);
        if (!keep) {
            truncate(slot, 0);
        }
    }

    /** Frees the cells of the finished sequence that was used longest ago; answers whether there was one. */
    boolean evictOne() {
        Optional<Slot> oldest = oldest(null);
        oldest.ifPresent(slot -> truncate(slot, 0));
        return oldest.isPresent();
    }

    /** Keeps the first tokens of a sequence; none where its memory cannot be cut. */
    private void truncate(Slot slot, int length) {
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
        }
        slot.truncate(kept);
        ledger.truncate(slot.sequence(), kept);
    }
}
