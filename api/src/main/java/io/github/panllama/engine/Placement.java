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

    private final List<Slot> slots;
    private final SlotMemory memory;
    private final SessionStore sessions;
    private final boolean canShare;
    /** Whether what was computed stays after its job's end, though it is no session's. */
    private final boolean keeps;
    /** Sequences whose prompt is not computed yet, in the order in which they began. */
    private final List<Slot> prefilling = new ArrayList<>();

    private long turn;

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

    boolean hasIdle() {
        for (Slot slot : slots) {
            if (slot.isIdle()) {
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
                .filter(slot -> canShare || isFree(slot, job))
                .max(Comparator.comparingInt((Slot slot) -> slot.common(job)).thenComparing(slot -> isFree(slot, job)))
                .orElse(null);
        int common = best == null ? 0 : best.common(job);
        Session session = job.session();
        Parked parked = session == null ? null : sessions.parked(session);
        if (session != null && parked != null && parked.tokens.length > memory.room()) {
            sessions.release(session); // of a larger context
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
        Slot target = canShare && common >= LEAST_SHARED ? freest(best) : null;
        if (target == null) {
            return placeAnew(job, now);
        }
        if (makeRoom(job, common, best) && clear(target)) {
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
        return makeRoom(job, slot.length(), slot) ? begin(job, slot, now) : Answer.NO_ROOM;
    }

    private Answer placeAnew(Job job, long now) {
        Slot target = freest(null);
        if (target == null || !makeRoom(job, 0, null) || !clear(target)) {
            return Answer.NO_ROOM;
        }
        return begin(job, target, now);
    }

    private Answer placeParked(Job job, Parked parked, long now) {
        if (!sessions.isHere(parked)) {
            return Answer.NOT_YET;
        }
        Slot target = roomFor(Math.max(reserved(job, 0), parked.tokens.length));
        if (target == null) {
            return Answer.NO_ROOM;
        }
        if (!sessions.use(parked, copy -> restore(target, parked, copy, job))) {
            // Whoever had to go for it has needed its memory: it is read again.
            sessions.isHere(parked);
            return Answer.NOT_YET;
        }
        // Where the session has gone back, the rest is not wanted.
        memory.truncate(target, Math.min(parked.common(job.prompt()), target.length()));
        return begin(job, target, now);
    }

    private void restore(Slot target, Parked parked, StateCopy copy, Job job) {
        try {
            memory.restore(target, parked, copy, job);
        } catch (InvalidStateException e) {
            LOG.log(Level.WARNING, "A session is computed again: its state does not fit the context", e);
        }
    }

    private Answer resume(Job job, Parked preempted) {
        Slot target = roomFor(job.mostCells());
        if (target == null) {
            return Answer.NO_ROOM;
        }
        memory.restore(target, preempted, Objects.requireNonNull(preempted.copy), job);
        job.resume();
        return occupy(job, target);
    }

    /** An empty sequence for a state that is to be restored, if there can be one now. */
    private @Nullable Slot roomFor(int cells) {
        Slot target = freest(null);
        return target != null && memory.canSave() && makeRoom(cells, null) && clear(target) ? target : null;
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
        return slots.stream().noneMatch(other -> other != slot && other.isIdle());
    }

    /** An empty sequence, else the one that was used longest ago. */
    private @Nullable Slot freest(@Nullable Slot but) {
        return idle(but)
                .min(Comparator.comparing((Slot slot) -> slot.length() > 0).thenComparingLong(Slot::turn))
                .orElse(null);
    }

    private Stream<Slot> idle(@Nullable Slot but) {
        return slots.stream().filter(slot -> slot.isIdle() && slot != but);
    }

    /**
     * The same for a job.
     *
     * @param has tokens of the job that are in the memory already
     * @param kept the sequence that has them; {@code null} where none has
     */
    private boolean makeRoom(Job job, int has, @Nullable Slot kept) {
        return makeRoom(reserved(job, has) - has, kept);
    }

    /** Lets finished sequences go until so many cells are free for one more job; none where that would not suffice. */
    private boolean makeRoom(int cells, @Nullable Slot kept) {
        long promised =
                (long) cells + slots.stream().mapToInt(Placement::promised).sum();
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
        List<Slot> finished = idle(kept)
                .filter(slot -> slot.length() > 0)
                .sorted(Comparator.comparingLong(Slot::turn))
                .toList();
        for (Slot slot : finished) {
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
        Optional<Slot> oldest = idle(null).filter(slot -> slot.length() > 0).min(Comparator.comparingLong(Slot::turn));
        oldest.filter(slot -> !clear(slot)).ifPresent(this::lose);
        return oldest.isPresent();
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

    private boolean park(Slot slot, Session session) {
        Parked parked = sessions.parked(session);
        // Adapters do not outlive the process, so what was computed with them is computed again.
        if (slot.length() == 0 || slot.hasAdapters() || (parked != null && slot.holds(parked.tokens))) {
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
