package io.github.panllama.engine;

import io.github.panllama.InvalidStateException;
import io.github.panllama.StateCopy;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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
    /** Sequences whose prompt is not computed yet, in the order in which they began. */
    private final List<Slot> prefilling = new ArrayList<>();

    private long turn;

    /**
     * A placement.
     *
     * @param canShare whether a sequence can begin with a part of another
     */
    Placement(List<Slot> slots, SlotMemory memory, SessionStore sessions, boolean canShare) {
        this.slots = slots;
        this.memory = memory;
        this.sessions = sessions;
        this.canShare = canShare;
    }

    /** What can be done about a job. */
    enum Answer {
        BEGUN,
        /** It would begin with what another job is about to compute, or what is being read from the disk. */
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
        if (parked != null && job.adapters().isEmpty() && parked.common(prompt) >= common + LEAST_SHARED) {
            return placeParked(job, parked, now);
        }
        if (canShare && later(job) >= common + LEAST_SHARED) {
            return Answer.WAITS_FOR_PREFIX;
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
        if (!makeRoom(job, common, best) || !clear(target)) {
            return Answer.NO_ROOM;
        }
        memory.share(best, target, common);
        return begin(job, target, now);
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
        if (sessions.copy(parked) == null) {
            return Answer.WAITS_FOR_PREFIX;
        }
        Slot target = roomFor(Math.max(reserved(job, 0), parked.tokens.length));
        if (target == null) {
            return Answer.NO_ROOM;
        }
        // Whoever had to go for it may have needed its memory.
        StateCopy copy = sessions.copy(parked);
        if (copy == null) {
            return Answer.WAITS_FOR_PREFIX;
        }
        try {
            memory.restore(target, parked, copy);
        } catch (InvalidStateException e) {
            LOG.log(Level.WARNING, "A session is computed again: its state does not fit the context", e);
        }
        // Where the session has gone back, the rest is not wanted.
        memory.truncate(target, Math.min(parked.common(job.prompt()), target.length()));
        return begin(job, target, now);
    }

    private Answer resume(Job job, Parked preempted) {
        Slot target = roomFor(job.mostCells());
        if (target == null) {
            return Answer.NO_ROOM;
        }
        memory.restore(target, preempted, Objects.requireNonNull(preempted.copy));
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

    private boolean evictUntil(long free, @Nullable Slot kept) {
        while (memory.used() + free > memory.capacity()) {
            Optional<Slot> oldest = oldest(kept);
            if (oldest.isEmpty() || !clear(oldest.get())) {
                return false;
            }
        }
        return true;
    }

    private Optional<Slot> oldest(@Nullable Slot but) {
        return idle(but).filter(slot -> slot.length() > 0).min(Comparator.comparingLong(Slot::turn));
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
        if (job.wasPreempted() || slot.isPrefilling()) {
            return promised(slot);
        }
        Draft draft = job.draft();
        return draft == null ? 1 : 1 + Math.clamp(job.mostDrafted(slot.length()), 0, draft.most());
    }

    /**
     * Sees to it that the next step has cells enough. Where finished sequences do not suffice, the job that began last
     * gives its sequence up.
     *
     * @return the jobs that had to, which are to begin again
     */
    List<Job> secure() {
        List<Job> preempted = new ArrayList<>();
        while (!evictUntil(slots.stream().mapToInt(Placement::next).sum(), null)) {
            Optional<Job> latest = preemptLatest();
            if (latest.isEmpty()) {
                break; // the decode will tell
            }
            preempted.add(latest.get());
        }
        return preempted;
    }

    /** Lets the jobs that have filled their room, and shall go on, forget a part of what they have. */
    void shiftFull() {
        for (Slot slot : slots) {
            Job job = slot.job();
            if (job != null && job.shiftsAt(slot.length())) {
                int keep = job.keptAtShift();
                int count = (slot.length() - keep) / 2;
                memory.shift(slot, keep, count);
                job.forget(keep, count);
            }
        }
    }

    /** Takes the sequence of the job that began last away, but for the first one's; empty if that cannot be now. */
    Optional<Job> preemptLatest() {
        List<Slot> running = slots.stream().filter(slot -> !slot.isIdle()).toList();
        Optional<Slot> latest = running.stream()
                .filter(slot -> !Objects.requireNonNull(slot.job()).wasPreempted())
                .max(Comparator.comparingLong(Slot::turn));
        if (running.size() < 2 || latest.isEmpty() || !memory.canSave()) {
            return Optional.empty();
        }
        Slot slot = latest.get();
        Job job = Objects.requireNonNull(slot.job());
        job.preempt(memory.park(slot));
        end(slot, false);
        memory.truncate(slot, 0);
        return Optional.of(job);
    }

    /** A job has ended; what was computed for it stays while there is room, or goes unless it is a session's. */
    void end(Slot slot, boolean keep) {
        slot.end(++turn);
        prefilling.remove(slot);
        if (slot.session() == null && (!keep || slot.isShifted())) {
            memory.truncate(slot, 0);
        }
    }

    /** Frees the cells of the finished sequence that was used longest ago; answers whether there was one. */
    boolean evictOne() {
        return oldest(null).filter(this::clear).isPresent();
    }

    /** Frees a finished sequence, having parked its session; answers whether that could be. */
    private boolean clear(Slot slot) {
        if (slot.session() != null && !park(slot, slot.session())) {
            return false;
        }
        memory.truncate(slot, 0);
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
        if (!memory.canSave() || !sessions.hasRoom(memory.size(slot))) {
            return false;
        }
        sessions.park(session, memory.park(slot));
        return true;
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
        slots.stream().filter(slot -> slot.session() == session).forEach(Slot::leaveSession);
    }
}
