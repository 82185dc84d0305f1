package io.github.panllama.engine;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What happens to jobs that run when they have grown and finished sequences make no more room: the one that began last
 * gives its sequence up until there is some, and one that has filled its own forgets a part of it.
 */
final class Preemption {
    private static final System.Logger LOG = System.getLogger("io.github.panllama");

    private final List<Slot> slots;
    private final SlotMemory memory;
    private final Eviction eviction;
    private final Placement placement;

    Preemption(List<Slot> slots, SlotMemory memory, Eviction eviction, Placement placement) {
        this.slots = slots;
        this.memory = memory;
        this.eviction = eviction;
        this.placement = placement;
    }

    /**
     * Sees to it that the next step has cells enough. Where finished sequences do not suffice, the job that began last
     * gives its sequence up.
     *
     * @return the jobs that had to, which are to begin again
     */
    List<Job> secure() {
        List<Job> preempted = new ArrayList<>();
        while (!eviction.evictUntil(eviction.nextOfAll(), null)) {
            Optional<Job> latest = preemptLatest(null);
            if (latest.isEmpty()) {
                // What cannot be parked now is computed again.
                eviction.evictUntil(eviction.nextOfAll(), null, eviction::lose);
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
        for (Slot other :
                eviction.idle(slot).filter(other -> other.length() > 0).toList()) {
            if (memory.isShared(slot) && !eviction.clear(other)) {
                eviction.lose(other);
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
        return preempt(latest.get());
    }

    /**
     * Takes the sequence of a job away whose reader does not read, for others that wait for its cells; empty where some
     * job goes on, which will make room by its end.
     */
    Optional<Job> preemptPaused() {
        List<Slot> running = slots.stream().filter(slot -> !slot.isIdle()).toList();
        if (running.stream().anyMatch(slot -> slot.isPrefilling() || slot.goesOn()) || !memory.canSave()) {
            return Optional.empty();
        }
        return running.stream().max(Comparator.comparingLong(Slot::turn)).flatMap(this::preempt);
    }

    private Optional<Job> preempt(Slot slot) {
        Job job = Objects.requireNonNull(slot.job());
        try {
            job.preempt(memory.park(slot));
        } catch (OutOfMemoryError e) {
            LOG.log(Level.WARNING, "There is no host memory to let a generation wait in", e);
            return Optional.empty();
        }
        placement.end(slot);
        memory.truncate(slot, 0);
        return Optional.of(job);
    }
}
