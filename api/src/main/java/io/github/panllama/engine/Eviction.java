package io.github.panllama.engine;

import java.lang.System.Logger.Level;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes room in the KV cache: how many cells are promised to whom, and which finished sequences have to go. The sessions
 * among them are parked.
 */
final class Eviction {
    private static final System.Logger LOG = System.getLogger("io.github.panllama");
    /** Cells that are kept for the next tokens of each job, so that few have to give their sequence up. */
    private static final int HEADROOM = 32;
    /** A job takes two: when it begins and when it ends. */
    private static final int TURNS = 2;

    private final List<Slot> slots;
    private final SlotMemory memory;
    private final SessionStore sessions;
    /** An empty sequence that is kept for a job, and the cells that it will take. */
    private @Nullable Slot held;

    private int heldCells;

    Eviction(List<Slot> slots, SlotMemory memory, SessionStore sessions) {
        this.slots = slots;
        this.memory = memory;
        this.sessions = sessions;
    }

    /** Keeps an empty sequence, and cells, for a job. */
    void hold(Slot slot, int cells) {
        held = slot;
        heldCells = cells;
    }

    void releaseHeld() {
        held = null;
        heldCells = 0;
    }

    boolean holdsAny() {
        return held != null;
    }

    boolean isHeld(Slot slot) {
        return slot == held;
    }

    /** An empty sequence for a state that is to be restored, if there can be one now. */
    @Nullable
    Slot roomToRestore(int cells) {
        return memory.canSave() ? roomFor(cells, null) : null;
    }

    /** A sequence that is empty, or gets empty now, once so many cells are free; {@code null} if there can be none now. */
    @Nullable
    Slot roomFor(int cells, @Nullable Slot kept) {
        if (idle(kept).findAny().isEmpty() || !makeRoom(cells, kept)) {
            return null;
        }
        Optional<Slot> empty = idle(kept).filter(slot -> slot.length() == 0).findFirst();
        return empty.or(() -> finished(kept).stream().filter(this::clear).findFirst())
                .orElse(null);
    }

    /** Whether no other sequence is finished. */
    boolean onlyIdle(Slot slot) {
        return idle(slot).findAny().isEmpty();
    }

    /** Finished and empty sequences. */
    Stream<Slot> idle(@Nullable Slot but) {
        return slots.stream().filter(slot -> slot.isIdle() && slot != but && slot != held);
    }

    /** Lets finished sequences go until so many cells are free for one more job; none where that would not suffice. */
    boolean makeRoom(int cells, @Nullable Slot kept) {
        long promised = (long) cells
                + heldCells
                + slots.stream().mapToInt(Eviction::promised).sum();
        List<Integer> staying = slots.stream()
                .filter(slot -> !slot.isIdle() || slot == kept)
                .map(Slot::sequence)
                .toList();
        if (memory.usedBy(staying) + promised > memory.capacity()) {
            return false;
        }
        return evictUntil(promised, kept);
    }

    /** Lets finished sequences go, the oldest first, until so many cells are free; answers whether they are. */
    boolean evictUntil(long free, @Nullable Slot kept) {
        return evictUntil(free, kept, this::clear);
    }

    /**
     * The same.
     *
     * @param clear how they go
     */
    boolean evictUntil(long free, @Nullable Slot kept, Consumer<Slot> clear) {
        if (hasFree(free)) {
            return true; // as in most steps, which shall not look further
        }
        for (Slot slot : finished(kept)) {
            clear.accept(slot);
            if (hasFree(free)) {
                return true;
            }
        }
        return false;
    }

    private boolean hasFree(long cells) {
        return memory.used() + cells <= memory.capacity();
    }

    /** Finished sequences in the order in which they go: those first that were used longest ago. */
    private List<Slot> finished(@Nullable Slot kept) {
        return idle(kept)
                .filter(slot -> slot.length() > 0)
                .sorted(Comparator.comparingLong(this::rank))
                .toList();
    }

    /** One whose session has to be parked for it stays about a round longer than those that just go. */
    private long rank(Slot slot) {
        return slot.turn() + (needsParking(slot) ? TURNS * slots.size() : 0);
    }

    /** Frees the cells of a finished sequence; answers whether there was one. */
    boolean evictOne() {
        Optional<Slot> first = finished(null).stream().findFirst();
        first.filter(slot -> !clear(slot)).ifPresent(this::lose);
        return first.isPresent();
    }

    /** Cells that a job has or is to get now: all of them, if it had to give its sequence up once. */
    static int reserved(Job job, int length) {
        return job.wasPreempted()
                ? job.mostCells()
                : Math.min(job.mostCells(), Math.max(job.prompt().length, length) + HEADROOM);
    }

    private static int promised(Slot slot) {
        Job job = slot.job();
        return job == null ? 0 : reserved(job, slot.length()) - slot.length();
    }

    /** Cells that the next step may take. */
    private static int next(Slot slot) {
        Job job = slot.job();
        if (job == null) {
            return 0;
        }
        return job.wasPreempted() || slot.isPrefilling() ? promised(slot) : 1;
    }

    /** Cells that nobody needs in the next step, for guesses. */
    int spareCells() {
        long spare = (long) memory.capacity() - memory.used() - nextOfAll();
        return Math.clamp(spare, 0, Integer.MAX_VALUE);
    }

    /** Cells that the next step may take for all. */
    int nextOfAll() {
        int sum = 0; // in every step: no stream
        for (Slot slot : slots) {
            sum += next(slot);
        }
        return sum;
    }

    /** Frees a finished sequence as it is: its session, unless it is parked, is computed again. */
    void lose(Slot slot) {
        EvictEvent event = slot.length() == 0 ? null : EvictEvent.of(slot, sessions);
        int used = memory.used();
        memory.truncate(slot, 0);
        if (event != null) {
            event.freedCells = used - memory.used();
            event.commit();
        }
    }

    /** Frees a finished sequence, having parked its session; answers whether that could be. */
    boolean clear(Slot slot) {
        if (slot.session() != null && !park(slot, slot.session())) {
            return false;
        }
        lose(slot);
        return true;
    }

    /** Parks a session that is in a sequence, which stays; answers whether that could be. */
    boolean park(Session session) {
        return slots.stream().filter(slot -> slot.session() == session).allMatch(slot -> park(slot, session));
    }

    /** Whether its memory is a session's that is kept nowhere else, and can be. */
    private boolean needsParking(Slot slot) {
        Session session = slot.session();
        // Adapters do not outlive the process, so what was computed with them is computed again.
        if (session == null || slot.length() == 0 || slot.hasAdapters()) {
            return false;
        }
        Parked parked = sessions.parked(session);
        return parked == null || !slot.holds(parked.tokens);
    }

    private boolean park(Slot slot, Session session) {
        if (!needsParking(slot)) {
            return true;
        }
        try {
            return memory.canSave() && sessions.park(session, memory.size(slot), () -> memory.park(slot));
        } catch (OutOfMemoryError e) {
            LOG.log(Level.WARNING, "There is no host memory to park a session in; it is computed again", e);
            return true;
        }
    }
}
