package io.github.panllama.engine;

import io.github.panllama.InvalidStateException;
import java.util.function.Consumer;

/** Lets waiting requests begin, in the queue's order, for as long as there is a sequence, room and time for them. */
final class Admission {
    private final RequestQueue queue;
    private final Placement placement;
    private final SessionHome home;
    private final Preemption preemption;
    private final StepBudget budget;
    private final Endings endings;
    private final StatsRecorder stats;

    Admission(
            RequestQueue queue,
            Placement placement,
            SessionHome home,
            Preemption preemption,
            StepBudget budget,
            Endings endings,
            StatsRecorder stats) {
        this.queue = queue;
        this.placement = placement;
        this.home = home;
        this.preemption = preemption;
        this.budget = budget;
        this.endings = endings;
        this.stats = stats;
    }

    /**
     * Begins what can begin.
     *
     * @param letWait puts a job back that has given way, until its reader has read on
     */
    void admit(long now, Consumer<Job> letWait) {
        placement.startAdmission();
        if (queue.size() == 0 || !placement.hasIdle()) {
            return;
        }
        int active = endings.active();
        for (Job job : queue.inOrder(now)) {
            IllegalStateException lost = job.lostAdapter();
            if (lost != null) {
                endings.failWaiting(job, lost, now);
                continue;
            }
            if (!placement.hasIdle() || !budget.allowsRows(active + 1)) {
                return;
            }
            boolean anew = job.preempted() == null;
            switch (place(job, now)) {
                case BEGUN -> {
                    home.took(job);
                    queue.remove(job);
                    active++;
                    if (anew) {
                        stats.begun(job);
                        job.generation().begun();
                        QueueEvent.record(job, queue.size(), now);
                    }
                }
                case NOT_YET -> {} // the next one may begin meanwhile
                case NO_ROOM -> {
                    preemption.preemptPaused().ifPresent(letWait);
                    return; // nobody goes before it, or a large one would never begin
                }
            }
        }
    }

    private Placement.Answer place(Job job, long now) {
        boolean waitsForItsReader = job.preempted() != null && job.generation().isPaused();
        if (waitsForItsReader || home.awaits(job)) {
            return Placement.Answer.NOT_YET;
        }
        try {
            return placement.place(job, now);
        } catch (InvalidStateException e) {
            endings.failWaiting(job, e, now);
            return Placement.Answer.NOT_YET;
        }
    }
}
