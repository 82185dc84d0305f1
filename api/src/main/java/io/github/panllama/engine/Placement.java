package io.github.panllama.engine;

import io.github.panllama.InvalidStateException;
import io.github.panllama.StateCopy;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which sequence a job gets, with as much of its prompt as was computed already, wherever that is; and which sequences
 * have to go for it. The sessions among them are parked.
 */
final class Placement {
    private static final System.Logger LOG = System.getLogger("io.github.panllama");
    /** Fewer tokens are computed sooner than shared. */
    private static final int LEAST_SHARED = 16;
    /** Cells that are kept for the next tokens of each job, so that few have to give their sequence up. */
    private static final int HEADROOM = 32;
    /** A job takes two: when it begins and when it ends. */
    private static final int TURNS = 2;

    private final List<Slot> slots;
    private final SlotMemory memory;
    private final SessionStore sessions;
    private final boolean canShare;
    /** Whether what was computed stays after its job's end, though it is no session's. */
    private final boolean keeps;
    /** Sequences whose prompt is not computed yet, in the order in which they began. */
    private final List<Slot> prefilling = new ArrayList<>();

    private long turn;

    // What holds for one round of admission, in which each job that waits is asked after once:

    /** An empty sequence for a job whose session is being read, not for those that come later; and the cells that it gets. */
    private @Nullable Slot held;

    private int heldCells;
    /** Whether sessions may be read from the disk: none before those of jobs that are to begin earlier. */
    private boolean mayFetch = true;

    /**
     * A placement.
     *
     * @param keeps whether what was computed for one job serves others
     */
    Placement(List<Slot> slots, SlotMemory memory, SessionStore sessions, boolean keeps) {
        this.slots = slots;
        this.memory = memory;
        this.sessions = sessions;
        this.keeps = keeps;
        canShare = keeps && memory.canShare();
    }

    /** What can be done about a job. */
    enum Answer {
        BEGUN,
        /** It will begin with what another job is about to compute, or what is being read from the disk. */
        NOT_YET,
        NO_ROOM
    }

    /** All jobs that wait are now asked after, in their order. */
    void startAdmission() {
        held = null;
        heldCells = 0;
        mayFetch = true;
    }

    boolean hasIdle() {
        for (Slot slot : slots) {
            if (slot.isIdle() && slot != held) {
                return true;
            }
        }
        return false;
    }

    /**
     * Gives a job a sequence. There must be an idle one.
     *
     * @throws InvalidStateException if the job had to give its sequence up, and cannot go on
     */
    Answer place(Job job, long now) {
        Parked preempted = job.preempted();
        if (preempted != null) {
            return resume(job, preempted);
        }
        int[] prompt = job.prompt();
        Slot best = slots.stream()
                .filter(slot -> slot != held && (canShare || isFree(slot, job)))
                .max(Comparator.comparingInt((Slot slot) -> slot.common(job)).thenComparing(slot -> isFree(slot, job)))
                .orElse(null);
        int common = best == null ? 0 : best.common(job);
        Session session = job.session();
        Parked parked = session == null ? null : sessions.parked(session);
        if (session != null && parked != null && sessions.isHopeless(parked)) {
            sessions.release(session);
            parked = null;
        }
        if (parked != null && job.adapters().isEmpty() && parked.common(prompt) >= common + LEAST_SHARED) {
            return placeParked(job, parked, now);
        }
        if (canShare && later(job) >= common + LEAST_SHARED) {
            return Answer.NOT_YET;
        }
        return best == null ? placeAnew(job, now) : placeBeside(job, best, common, now);
    }

    /** Whether a job may take a sequence over, with all that it holds. */
    private static boolean isFree(Slot slot, Job job) {
        return slot.isIdle() && (slot.session() == null || slot.session() == job.session());
    }

    private Answer placeBeside(Job job, Slot best, int common, long now) {
        boolean own = best.session() != null && best.session() == job.session();
        if (isFree(best, job) && (own || common == best.length() || onlyIdle(best))) {
            return goOn(job, best, common, now);
        }
        if (!canShare || common < LEAST_SHARED || onlyIdle(best)) {
            return placeAnew(job, now);
        }
        Slot target = roomFor(reserved(job, common) - common, best);
        if (target != null) {
            memory.share(best, target, common);
            return begin(job, target, now);
        }
        if (!best.isIdle()) {
            return Answer.NO_ROOM;
        }
        // It may be the best itself that takes the room.
        return isFree(best, job) ? goOn(job, best, common, now) : placeAnew(job, now);
    }

    private Answer goOn(Job job, Slot slot, int common, long now) {
        memory.truncate(slot, common);
        int more = reserved(job, slot.length()) - slot.length();
        return makeRoom(more, slot) ? begin(job, slot, now) : Answer.NO_ROOM;
    }

    private Answer placeAnew(Job job, long now) {
        Slot target = roomFor(reserved(job, 0), null);
        return target == null ? Answer.NO_ROOM : begin(job, target, now);
    }

    private Answer placeParked(Job job, Parked parked, long now) {
        int cells = Math.max(reserved(job, 0), parked.tokens.length);
        if (!sessions.isHere(parked)) {
            return await(parked, null, cells);
        }
        Slot target = roomToRestore(cells);
        if (target == null) {
            return Answer.NO_ROOM;
        }
        if (sessions.use(parked, copy -> restore(target, parked, copy, job))) {
            // Where the session has gone back, the rest is not wanted.
            memory.truncate(target, Math.min(parked.common(job.prompt()), target.length()));
        } else if (sessions.parked(Objects.requireNonNull(job.session())) == parked) {
            // Whoever had to go for it has needed its memory: it is read again.
            return await(parked, target, cells);
        }
        return begin(job, target, now);
    }

    /** Waits for the disk. What was read in vain before has its room made first, lest that go on. */
    private Answer await(Parked parked, @Nullable Slot target, int cells) {
        boolean comes = sessions.fetch(parked, mayFetch);
        mayFetch &= comes;
        if (target == null && (!comes || held != null || !sessions.wasReadInVain(parked))) {
            return Answer.NOT_YET;
        }
        Slot room = target == null ? roomToRestore(cells) : target;
        if (room == null) {
            return Answer.NO_ROOM;
        }
        held = room;
        heldCells = cells;
        return Answer.NOT_YET;
    }

    private void restore(Slot target, Parked parked, StateCopy copy, Job job) {
        try {
            memory.restore(target, parked, copy, job);
        } catch (InvalidStateException e) {
            LOG.log(Level.WARNING, "A session is computed again: its state does not fit the context", e);
        }
    }

    private Answer resume(Job job, Parked preempted) {
        Slot target = roomToRestore(job.mostCells());
        if (target == null) {
            return Answer.NO_ROOM;
        }
        memory.restore(target, preempted, Objects.requireNonNull(preempted.copy), job);
        job.resume();
        return occupy(job, target);
    }

    /** An empty sequence for a state that is to be restored, if there can be one now. */
    private @Nullable Slot roomToRestore(int cells) {
        return memory.canSave() ? roomFor(cells, null) : null;
    }

    /** A sequence that is empty, or gets empty now, once so many cells are free; {@code null} if there can be none now. */
    private @Nullable Slot roomFor(int cells, @Nullable Slot kept) {
        if (idle(kept).findAny().isEmpty() || !makeRoom(cells, kept)) {
            return null;
        }
        Optional<Slot> empty = idle(kept).filter(slot -> slot.length() == 0).findFirst();
        return empty.or(() -> finished(kept).stream().filter(this::clear).findFirst())
                .orElse(null);
    }

    private Answer begin(Job job, Slot slot, long now) {
        job.begin(now, slot.length());
        return occupy(job, slot);
    }

    private Answer occupy(Job job, Slot slot) {
        slot.begin(job, ++turn);
        Session session = job.session();
        if (session != null) {
            sessions.release(session);
            slots.stream()
                    .filter(other -> other != slot && other.session() == session)
                    .forEach(Slot::leaveSession);
        }
        if (slot.isPrefilling()) {
            prefilling.add(slot);
        }
        return Answer.BEGUN;
    }

    /** Sequences whose prompt is to be computed, the first ones first. */
    List<Slot> prefilling() {
        return prefilling;
    }

    /** A step is done: the prompts that it has computed to their end wait no more. */
    void stepped() {
        prefilling.removeIf(slot -> {
            Job job = slot.job();
            boolean done = job == null || !slot.isPrefilling();
            if (done && job != null) {
                PrefillEvent.record(job);
            }
            return done;
        });
    }

    /** How much of a prompt will be in the cache when the prompts that are being computed are. */
    private int later(Job job) {
        return prefilling.stream().mapToInt(slot -> slot.commonLater(job)).max().orElse(0);
    }

    private boolean onlyIdle(Slot slot) {
        return idle(slot).findAny().isEmpty();
    }

    private Stream<Slot> idle(@Nullable Slot but) {
        return slots.stream().filter(slot -> slot.isIdle() && slot != but && slot != held);
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

    /** Lets finished sequences go until so many cells are free for one more job; none where that would not suffice. */
    private boolean makeRoom(int cells, @Nullable Slot kept) {
        long promised = (long) cells
                + heldCells
                + slots.stream().mapToInt(Placement::promised).sum();
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
    private boolean evictUntil(long free, @Nullable Slot kept) {
        return evictUntil(free, kept, this::clear);
    }

    private boolean evictUntil(long free, @Nullable Slot kept, Consumer<Slot> clear) {
        for (Slot slot : finished(kept)) {
            if (memory.used() + free <= memory.capacity()) {
                return true;
            }
            clear.accept(slot);
        }
        return memory.used() + free <= memory.capacity();
    }

    /** Cells that a job has or is to get now: all of them, if it had to give its sequence up once. */
    private static int reserved(Job job, int length) {
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

    private int nextOfAll() {
        return slots.stream().mapToInt(Placement::next).sum();
    }

    /**
     * Sees to it that the next step has cells enough. Where finished sequences do not suffice, the job that began last
     * gives its sequence up.
     *
     * @return the jobs that had to, which are to begin again
     */
    List<Job> secure() {
        List<Job> preempted = new ArrayList<>();
        while (!evictUntil(nextOfAll(), null)) {
            Optional<Job> latest = preemptLatest(null);
            if (latest.isEmpty()) {
                // What cannot be parked now is computed again.
                evictUntil(nextOfAll(), null, this::lose);
                break;
            }
            preempted.add(latest.get());
        }
        return preempted;
    }

    /** What a shift needs of others. */
    record Shifts(List<Job> preempted, List<Slot> impossible) {}

    /** Lets the jobs that have filled their room, and shall go on, forget a part of what they have. */
    Shifts shiftFull() {
        Shifts shifts = new Shifts(new ArrayList<>(), new ArrayList<>());
        for (Slot slot : slots) {
            Job job = slot.job();
            if (job != null && slot.goesOn() && job.shiftsAt(slot.length())) {
                shift(slot, job, shifts);
            }
        }
        return shifts;
    }

    private void shift(Slot slot, Job job, Shifts shifts) {
        // Moving a cell moves it for all that share it: those have to go.
        for (Slot other : idle(slot).filter(other -> other.length() > 0).toList()) {
            if (memory.isShared(slot) && !clear(other)) {
                lose(other);
            }
        }
        while (memory.isShared(slot)) {
            Optional<Job> latest = preemptLatest(slot);
            if (latest.isEmpty()) {
                shifts.impossible.add(slot);
                return;
            }
            shifts.preempted.add(latest.get());
        }
        int keep = job.keptAtShift();
        int count = (slot.length() - keep) / 2;
        memory.shift(slot, keep, count);
        job.forget(keep, count);
    }

    /**
     * Takes the sequence of the job that began last away, but for the first one's; empty if that cannot be now.
     *
     * @param but whose it is not to be
     */
    Optional<Job> preemptLatest(@Nullable Slot but) {
        List<Slot> running = slots.stream().filter(slot -> !slot.isIdle()).toList();
        Optional<Slot> latest = running.stream()
                .filter(slot ->
                        slot != but && !Objects.requireNonNull(slot.job()).wasPreempted())
                .max(Comparator.comparingLong(Slot::turn));
        if (running.size() < 2 || latest.isEmpty() || !memory.canSave()) {
            return Optional.empty();
        }
        Slot slot = latest.get();
        Job job = Objects.requireNonNull(slot.job());
        try {
            job.preempt(memory.park(slot));
        } catch (OutOfMemoryError e) {
            LOG.log(Level.WARNING, "There is no host memory to let a generation wait in", e);
            return Optional.empty();
        }
        end(slot);
        memory.truncate(slot, 0);
        return Optional.of(job);
    }

    /** A job has ended; what was computed for it stays while there is room, or goes. */
    void end(Slot slot) {
        slot.end(++turn);
        prefilling.remove(slot);
        dropUnlessKept(slot);
    }

    private void dropUnlessKept(Slot slot) {
        if (slot.session() == null && (!keeps || slot.isShifted())) {
            memory.truncate(slot, 0);
        }
    }

    /** Frees the cells of a finished sequence; answers whether there was one. */
    boolean evictOne() {
        Optional<Slot> first = finished(null).stream().findFirst();
        first.filter(slot -> !clear(slot)).ifPresent(this::lose);
        return first.isPresent();
    }

    /** Frees a finished sequence as it is: its session, unless it is parked, is computed again. */
    private void lose(Slot slot) {
        EvictEvent event = slot.length() == 0 ? null : EvictEvent.of(slot, sessions);
        int used = memory.used();
        memory.truncate(slot, 0);
        if (event != null) {
            event.freedCells = used - memory.used();
            event.commit();
        }
    }

    /** Frees a finished sequence, having parked its session; answers whether that could be. */
    private boolean clear(Slot slot) {
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

    /** Bytes that parking a session takes, which is in a sequence. */
    long size(Session session) {
        return slots.stream()
                .filter(slot -> slot.session() == session)
                .mapToLong(memory::size)
                .sum();
    }

    /** A session has been closed. */
    void forget(Session session) {
        for (Slot slot : slots) {
            if (slot.session() == session) {
                slot.leaveSession();
                if (slot.isIdle()) {
                    dropUnlessKept(slot);
                }
            }
        }
    }
}
