package io.github.panllama.engine;

import io.github.panllama.FinishReason;
import java.util.List;

/** How generations end: their sequences are freed, the statistics and a recording get to know, and those who wait. */
final class Endings {
    private final List<Slot> slots;
    private final SlotMemory memory;
    private final Placement placement;
    private final RequestQueue queue;
    private final StatsRecorder stats;

    Endings(List<Slot> slots, SlotMemory memory, Placement placement, RequestQueue queue, StatsRecorder stats) {
        this.slots = slots;
        this.memory = memory;
        this.placement = placement;
        this.queue = queue;
        this.stats = stats;
    }

    /** A generation has all that it gets. */
    void finish(Slot slot, Job job, FinishReason reason, long now) {
        release(slot, now);
        record(job, reason.name(), now);
        job.finish(reason, now);
    }

    /** A generation cannot go on. */
    void fail(Slot slot, Job job, Throwable failure, long now) {
        release(slot, now);
        record(job, failure.getClass().getSimpleName(), now);
        job.fail(failure);
    }

    /** One that waits cannot begin. */
    void failWaiting(Job job, Throwable failure, long now) {
        queue.remove(job);
        record(job, failure.getClass().getSimpleName(), now);
        job.fail(failure);
    }

    private void release(Slot slot, long now) {
        placement.end(slot);
        queue.ended(now);
    }

    /** The same, and what its sequence holds is of no use. */
    void lose(Slot slot, RuntimeException e) {
        slot.forgetPlan();
        Job job = slot.job();
        long now = System.nanoTime();
        if (job != null) {
            fail(slot, job, e, now);
        }
        memory.truncate(slot, 0, true);
    }

    /** Tells of the end before those who wait are told, so that they find it in the statistics. */
    void record(Job job, String reason, long now) {
        stats.ended(active(), memory.used());
        if (reason.equals(FinishReason.CANCELLED.name())) {
            CancelEvent.record(job);
        }
        RequestEvent event = new RequestEvent();
        if (event.shouldCommit()) {
            event.finishReason = reason;
            event.promptTokens = job.prompt().length;
            event.cachedTokens = job.cached();
            event.generatedTokens = job.generated();
            event.time = now - job.submitted();
            event.commit();
        }
    }

    /** How many have a sequence. */
    int active() {
        int active = 0;
        for (Slot slot : slots) {
            active += slot.isIdle() ? 0 : 1;
        }
        return active;
    }
}
