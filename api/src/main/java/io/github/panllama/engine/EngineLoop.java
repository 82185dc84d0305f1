package io.github.panllama.engine;

import io.github.panllama.BatchSampler;
import io.github.panllama.DecodeException;
import io.github.panllama.DecodeStatus;
import io.github.panllama.FinishReason;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The engine's thread: the only one that touches the context. It ends what has to end, begins what can begin, and
 * steps.
 */
final class EngineLoop implements Runnable {
    private final LlamaContext context;
    private final RequestQueue queue;
    private final EngineOptions options;
    private final StatsRecorder stats;
    private final DraftSources drafts;
    private final List<Slot> slots = new ArrayList<>();
    private final CellLedger ledger;
    private final Placement placement;
    private final StepBudget budget;
    private final Step step;
    /** At most one permit: there is something to look at. */
    private final Semaphore wake = new Semaphore(0);

    private volatile boolean closing;

    EngineLoop(
            LlamaContext context, RequestQueue queue, EngineOptions options, StatsRecorder stats, DraftSources drafts) {
        this.context = context;
        this.queue = queue;
        this.options = options;
        this.stats = stats;
        this.drafts = drafts;
        for (int i = 0; i < context.maxSequences(); i++) {
            slots.add(new Slot(i));
        }
        ledger = new CellLedger(slots.size());
        boolean canShare = options.prefixCache && context.memory().canShareParts();
        // Where sequences have rooms of their own, none can take another's.
        int capacity = context.memory().isUnified() ? context.contextSize() : Integer.MAX_VALUE;
        placement = new Placement(slots, context.memory(), ledger, capacity, canShare);
        budget = new StepBudget(options.targetInterTokenLatency);
        step = new Step(context, budget, drafts, options.samplingThreads);
    }

    /** Something has changed: a request, a cancellation, a reader that has read. */
    void wake() {
        if (wake.availablePermits() == 0) {
            wake.release();
        }
    }

    /** Ends the loop within a step, also one that is running. */
    void close() {
        closing = true;
        synchronized (context) {
            if (!context.isClosed()) {
                context.abort();
            }
        }
        drafts.abort();
        wake();
    }

    @Override
    public void run() {
        Throwable failure = null;
        try {
            while (!closing) {
                if (!turn(System.nanoTime())) {
                    await();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = e;
        } catch (RuntimeException | Error e) {
            // What is not one job's own fault: the engine cannot go on, and says so to all.
            failure = closing ? null : e;
        } finally {
            end(failure);
        }
    }

    private void end(@Nullable Throwable failure) {
        EngineClosedException closed = new EngineClosedException(failure);
        for (Job job : queue.close()) {
            job.fail(closed);
        }
        for (Slot slot : slots) {
            Job job = slot.job();
            if (job != null) {
                job.fail(closed);
            }
        }
        try {
            step.close();
            drafts.close();
        } finally {
            synchronized (context) {
                context.close();
            }
        }
    }

    /** Waits until something changes, or the next deadline passes. */
    private void await() throws InterruptedException {
        stats.idle(ledger.used());
        long now = System.nanoTime();
        long nanos = queue.nanosToDeadline(now);
        for (Slot slot : slots) {
            Job job = slot.job();
            nanos = job == null ? nanos : Math.min(nanos, job.nanosLeft(now));
        }
        if (nanos == Long.MAX_VALUE) {
            wake.acquire();
        } else if (nanos > 0 && !wake.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
            return;
        }
        wake.drainPermits();
    }

    /** One turn; answers whether anything was computed. */
    private boolean turn(long now) {
        endWhatMust(now);
        admit(now);
        if (!step.plan(slots, placement.prefilling())) {
            return false;
        }
        try {
            step.compute(slots);
        } catch (DecodeException e) {
            recover(e);
            return true;
        }
        for (Slot slot : slots) {
            if (slot.planned() > 0) {
                ledger.grow(slot.sequence(), slot.planned());
                slot.carryOut();
            }
        }
        placement.stepped();
        long after = System.nanoTime();
        do {
            for (int i = 0; i < step.count(); i++) {
                take(step.slot(i), i, after);
            }
        } while (step.next());
        stats.step(active(), ledger.used());
        return true;
    }

    private int active() {
        int active = 0;
        for (Slot slot : slots) {
            active += slot.isIdle() ? 0 : 1;
        }
        return active;
    }

    private void take(Slot slot, int i, long now) {
        Job job = slot.job();
        if (job == null) {
            return;
        }
        if (step.token(i) == BatchSampler.NO_TOKEN) {
            settle(slot, job);
            fail(slot, job, new LlamaException("No token can be chosen: " + step.error(i)), now);
            return;
        }
        int before = job.generated();
        FinishReason reason = job.take(step.token(i), now);
        if (job.generated() > before) {
            stats.token(job, now);
        }
        if (reason == null && job.draft() != null && job.draft().confirms(step.token(i))) {
            step.goOn(i);
            return;
        }
        if (!settle(slot, job)) {
            fail(slot, job, new LlamaException("The memory has lost more than a wrong draft"), now);
        } else if (reason != null) {
            finish(slot, job, reason, now);
        }
    }

    /** Drops what was drafted and did not come; answers whether the memory could lose it. */
    private boolean settle(Slot slot, Job job) {
        Draft draft = job.draft();
        if (draft == null) {
            return true;
        }
        int drafted = draft.drafted();
        int accepted = draft.accepted();
        int length = slot.length() - draft.settle(slot);
        stats.drafted(draft.drafted() - drafted, draft.accepted() - accepted);
        if (length < slot.length()) {
            placement.truncate(slot, length, true);
        }
        return slot.length() == length;
    }

    private void finish(Slot slot, Job job, FinishReason reason, long now) {
        release(slot, now);
        record(job, reason.name(), now);
        job.finish(reason, now);
    }

    private void fail(Slot slot, Job job, Throwable failure, long now) {
        release(slot, now);
        record(job, failure.getClass().getSimpleName(), now);
        job.fail(failure);
    }

    private void release(Slot slot, long now) {
        placement.end(slot, options.prefixCache);
        queue.ended(now);
    }

    /** Before those who wait are told, so that they find it in the statistics. */
    private void record(Job job, String reason, long now) {
        stats.ended();
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

    /** Those that were cancelled, and those whose time is up. */
    private void endWhatMust(long now) {
        for (Slot slot : slots) {
            Job job = slot.job();
            FinishReason reason = job == null ? null : job.endsEarly(now);
            if (job != null && reason != null) {
                finish(slot, job, reason, now);
            }
        }
        for (Job job : queue.removeEnding(now)) {
            FinishReason reason = job.endsEarly(now);
            record(job, "never begun", now);
            job.finish(reason == null ? FinishReason.CANCELLED : reason, now);
        }
    }

    private void admit(long now) {
        if (queue.size() == 0 || !placement.hasIdle()) {
            return;
        }
        int active = active();
        for (Job job : queue.inOrder(now)) {
            if (!placement.hasIdle() || !budget.allowsRows(active + 1)) {
                return;
            }
            switch (placement.place(job, now)) {
                case BEGUN -> {
                    queue.remove(job);
                    stats.begun(job);
                    active++;
                }
                case WAITS_FOR_PREFIX -> {} // the next one may begin meanwhile
                case NO_ROOM -> {
                    return; // nobody goes before it, or a large one would never begin
                }
            }
        }
    }

    /** Makes the memory what the slots say again, and lets go who cannot be served. */
    private void recover(DecodeException e) {
        List<Slot> touched = slots.stream().filter(slot -> slot.planned() > 0).toList();
        touched.forEach(Slot::forgetPlan);
        if (closing) {
            return;
        }
        if (e.status() == DecodeStatus.NO_ROOM) {
            // Admission sees to it that this does not happen; a memory with rules of its own may still be full.
            if (!placement.evictOne()) {
                Slot latest = touched.stream()
                        .max(Comparator.comparingLong(Slot::turn))
                        .orElseThrow();
                lose(latest, e);
            }
            return;
        }
        if (e.status() == DecodeStatus.ABORTED) {
            touched.forEach(slot -> placement.truncate(slot, slot.length(), true));
            return;
        }
        touched.forEach(slot -> lose(slot, e));
    }

    private void lose(Slot slot, DecodeException e) {
        Job job = slot.job();
        long now = System.nanoTime();
        if (job != null) {
            fail(slot, job, e, now);
        }
        placement.truncate(slot, 0, true);
    }
}
