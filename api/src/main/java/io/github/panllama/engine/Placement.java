package io.github.panllama.engine;

import io.github.panllama.InvalidStateException;
import io.github.panllama.StateCopy;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which sequence a job gets, with as much of its prompt as was computed already, wherever that is. {@link Eviction} makes
 * room for it.
 */
final class Placement {
    private static final System.Logger LOG = System.getLogger("io.github.panllama");
    /** Fewer tokens are computed sooner than shared. */
    private static final int LEAST_SHARED = 16;

    private final List<Slot> slots;
    private final SlotMemory memory;
    private final SessionStore sessions;
    private final Eviction eviction;
    private final boolean canShare;
    /** Whether what was computed stays after its job's end, though it is no session's. */
    private final boolean keeps;
    /** Sequences whose prompt is not computed yet, in the order in which they began. */
    private final List<Slot> prefilling = new ArrayList<>();

    private long turn;

    /**
     * Whether sessions may be read from the disk, in this round of admission: none before those of jobs that are to begin
     * earlier.
     */
    private boolean mayFetch = true;

    /**
     * A placement.
     *
     * @param keeps whether what was computed for one job serves others
     */
    Placement(List<Slot> slots, SlotMemory memory, SessionStore sessions, Eviction eviction, boolean keeps) {
        this.slots = slots;
        this.memory = memory;
        this.sessions = sessions;
        this.eviction = eviction;
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
        eviction.releaseHeld();
        mayFetch = true;
    }

    boolean hasIdle() {
        for (Slot slot : slots) {
            if (slot.isIdle() && !eviction.isHeld(slot)) {
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
                .filter(slot -> !eviction.isHeld(slot) && (canShare || isFree(slot, job)))
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
        if (isFree(best, job) && (own || common == best.length() || eviction.onlyIdle(best))) {
            return goOn(job, best, common, now);
        }
        if (!canShare || common < LEAST_SHARED || eviction.onlyIdle(best)) {
            return placeAnew(job, now);
        }
        Slot target = eviction.roomFor(Eviction.reserved(job, common) - common, best);
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
        int more = Eviction.reserved(job, slot.length()) - slot.length();
        return eviction.makeRoom(more, slot) ? begin(job, slot, now) : Answer.NO_ROOM;
    }

    private Answer placeAnew(Job job, long now) {
        Slot target = eviction.roomFor(Eviction.reserved(job, 0), null);
        return target == null ? Answer.NO_ROOM : begin(job, target, now);
    }

    private Answer placeParked(Job job, Parked parked, long now) {
        int cells = Math.max(Eviction.reserved(job, 0), parked.tokens.length);
        if (!sessions.isHere(parked)) {
            return await(parked, null, cells);
        }
        Slot target = eviction.roomToRestore(cells);
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
        if (eviction.holdsAny() || (target == null && !(comes && sessions.wasReadInVain(parked)))) {
            return Answer.NOT_YET;
        }
        Slot room = target == null ? eviction.roomToRestore(cells) : target;
        if (room == null) {
            return Answer.NO_ROOM;
        }
        // For this job alone, not for those that come later.
        eviction.hold(room, cells);
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
        Slot target = eviction.roomToRestore(job.mostCells());
        if (target == null) {
            return Answer.NO_ROOM;
        }
        memory.restore(target, preempted, Objects.requireNonNull(preempted.copy), job);
        job.resume();
        return occupy(job, target);
    }

    private Answer begin(Job job, Slot slot, long now) {
        job.begin(now, slot.length());
        return occupy(job, slot);
    }

    private Answer occupy(Job job, Slot slot) {
        Session session = job.session();
        if (session != null) {
            sessions.release(session);
            slots.stream()
                    .filter(other -> other != slot && other.session() == session)
                    .forEach(Slot::leaveSession);
        }
        slot.begin(job, ++turn);
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

    /** Parks a session that is in a sequence, which stays; answers whether that could be. */
    boolean park(Session session) {
        return eviction.park(session);
    }

    /**
     * Parks a session that goes on in another replica, and leaves it; answers whether that could be. What cannot be saved,
     * also after the next step, is computed again there. One that has begun here meanwhile stays.
     */
    boolean letGo(Session session) {
        for (Slot slot : slots) {
            if (slot.session() == session && slot.isIdle()) {
                boolean settles = slots.stream().anyMatch(other -> other.goesOn() || other.isPrefilling());
                if (memory.canSave() ? !eviction.park(session) : settles) {
                    return false;
                }
                slot.leaveSession();
                dropUnlessKept(slot);
            }
        }
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
