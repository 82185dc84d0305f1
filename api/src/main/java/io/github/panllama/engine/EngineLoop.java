package io.github.panllama.engine;

import io.github.panllama.BatchSampler;
import io.github.panllama.ContextFullException;
import io.github.panllama.DecodeException;
import io.github.panllama.DecodeStatus;
import io.github.panllama.FinishReason;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The engine's thread: the only one that touches the context. It ends what has to end, begins what can begin, and
 * steps.
 */
final class EngineLoop implements Runnable {
    /** More do not choose faster. */
    private static final int MOST_SAMPLING_THREADS = 8;

    private final LlamaContext context;
    private final RequestQueue queue;
    private final StatsRecorder stats;
    private final DraftSources drafts;
    private final List<Slot> slots = new ArrayList<>();
    private final SlotMemory memory;
    private final SessionStore sessions;
    private final LoopCalls calls = new LoopCalls();
    private final Placement placement;
    private final SessionHome home;
    private final Eviction eviction;
    private final Preemption preemption;
    private final Endings endings;
    private final StepBudget budget;
    private final Admission admission;
    private final Step step;
    private final AdapterTurns turns;
    private final DeviceSequences device;
    private final Gathering gathering;
    /** Tells whoever passes chunks on in numbers. */
    private final Runnable stepped;

    private final Pulse pulse;
    /** At most one permit: there is something to look at. */
    private final Semaphore wake = new Semaphore(0);

    private volatile boolean closing;
    /** What has failed: here, or elsewhere in the engine. */
    private volatile @Nullable Throwable failure;

    EngineLoop(
            LlamaContext context,
            RequestQueue queue,
            EngineOptions options,
            StatsRecorder stats,
            SessionStore sessions,
            DraftSources drafts,
            Runnable stepped) {
        this.context = context;
        this.queue = queue;
        this.stats = stats;
        this.sessions = sessions;
        this.drafts = drafts;
        this.stepped = stepped;
        for (int i = 0; i < context.maxSequences(); i++) {
            slots.add(new Slot(i));
        }
        memory = new SlotMemory(context);
        eviction = new Eviction(slots, memory, sessions);
        placement = new Placement(slots, memory, sessions, eviction, options.prefixCache);
        preemption = new Preemption(slots, memory, eviction, placement);
        endings = new Endings(slots, memory, placement, queue, stats);
        home = new SessionHome(calls, placement, sessions, this::wake);
        budget = new StepBudget(options.targetInterTokenLatency);
        admission = new Admission(queue, placement, home, preemption, budget, endings, stats);
        step = new Step(context, budget, drafts, samplingThreads(options));
        turns = new AdapterTurns(context, options.targetInterTokenLatency);
        device = new DeviceSequences(context, options.deviceSampling);
        gathering = new Gathering(wake, queue::size, context.maxSequences());
        pulse = new Pulse(() -> context.operations() + drafts.operations());
    }

    private int samplingThreads(EngineOptions options) {
        if (options.samplingThreads != null) {
            return options.samplingThreads;
        }
        int computing =
                context.model().isOffloaded() ? Runtime.getRuntime().availableProcessors() : context.batchThreads();
        return Math.min(MOST_SAMPLING_THREADS, computing);
    }

    /** Something has changed: a request, a cancellation, a reader that has read. */
    void wake() {
        if (wake.availablePermits() == 0) {
            wake.release();
        }
    }

    /** For what others ask about the sessions that are here. */
    SessionHome home() {
        return home;
    }

    /** Whether it gets on. */
    Pulse pulse() {
        return pulse;
    }

    /** Why it has ended; {@code null} where it was closed. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /**
     * Ends the loop within a step, also one that is running.
     *
     * @param why another replica's failure, if that is the reason
     */
    void close(@Nullable Throwable why) {
        failure = failure == null ? why : failure;
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
        try {
            while (!closing) {
                if (endings.active() == 0) {
                    gathering.gather();
                }
                pulse.begins();
                boolean computed = turn(System.nanoTime());
                stepped.run();
                pulse.rests();
                if (!computed) {
                    await();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = e;
        } catch (RuntimeException | Error e) {
            // What is not one job's own fault: the engine cannot go on, and says so to all.
            failure = closing ? failure : e;
        } finally {
            pulse.rests();
            end();
        }
    }

    private void end() {
        EngineClosedException closed = new EngineClosedException(failure);
        calls.end();
        try {
            queue.close().forEach(job -> job.fail(closed));
            slots.stream().map(Slot::job).filter(Objects::nonNull).forEach(job -> job.fail(closed));
        } finally {
            free();
        }
    }

    private void free() {
        // Whoever waits for the sessions must be told, whatever else fails.
        try (Ending _ = sessions::close;
                Ending _ = this::closeContext;
                Ending _ = drafts::close) {
            step.close();
        }
    }

    private interface Ending extends AutoCloseable {
        @Override
        void close();
    }

    private void closeContext() {
        synchronized (context) {
            context.close();
        }
    }

    /** Waits until something changes, or the next deadline passes. */
    private void await() throws InterruptedException {
        stats.idle(memory.used());
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
        calls.run();
        endWhatMust(now);
        admission.admit(now, this::letWait);
        stepped.run();
        Preemption.Shifts shifts = preemption.shiftFull();
        shifts.preempted().forEach(this::putBack);
        shifts.impossible()
                .forEach(slot -> endings.lose(slot, new ContextFullException("The context cannot be shifted now")));
        preemption.secure().forEach(this::putBack);
        device.update(slots);
        turns.next(slots, now);
        budget.share(turns.groups());
        if (!step.plan(slots, placement.prefilling(), turns, eviction.spareCells())) {
            return false;
        }
        try {
            turns.apply();
        } catch (IllegalStateException | LlamaException e) {
            // Closed this very moment, or not to be applied: that is the fault of those that want them alone.
            slots.stream().filter(slot -> slot.planned() > 0).forEach(slot -> endings.lose(slot, reason(slot, e)));
            return true;
        }
        try {
            step.compute(slots);
        } catch (DecodeException e) {
            recover(e);
            return true;
        }
        for (Slot slot : slots) {
            if (slot.planned() > 0) {
                memory.carryOut(slot);
            }
        }
        placement.stepped();
        gathering.stepped(step.nanos());
        long after = System.nanoTime();
        do {
            stats.sampled(step.count(), step.onDevice());
            for (int i = 0; i < step.count(); i++) {
                take(step.slot(i), i, after);
            }
        } while (step.next());
        stats.step(endings.active(), memory.used());
        return true;
    }

    private static RuntimeException reason(Slot slot, RuntimeException thrown) {
        Job job = slot.job();
        IllegalStateException lost = job == null ? null : job.lostAdapter();
        return lost == null ? thrown : lost;
    }

    /** It goes on when there is room again. */
    private void putBack(Job job) {
        stats.preempted();
        queue.putBack(job);
    }

    /** The same, until its reader has read on; then there is room for others at once. */
    private void letWait(Job job) {
        putBack(job);
        wake();
    }

    private void take(Slot slot, int i, long now) {
        Job job = slot.job();
        if (job == null) {
            return;
        }
        if (step.token(i) == BatchSampler.NO_TOKEN) {
            settle(slot, job);
            endings.fail(slot, job, new LlamaException("No token can be chosen: " + step.error(i)), now);
            return;
        }
        int before = job.generated();
        FinishReason reason = job.take(step.token(i), step.logprob(i), now);
        if (job.generated() > before) {
            stats.token(job, now);
        }
        if (reason == null && job.draft() != null && job.draft().confirms(step.token(i))) {
            step.goOn(i);
            return;
        }
        if (!settle(slot, job)) {
            endings.fail(slot, job, new LlamaException("The memory has lost more than a wrong draft"), now);
        } else if (reason == FinishReason.LENGTH && job.failsFull()) {
            endings.fail(slot, job, new ContextFullException("The context is full: " + job.describe()), now);
        } else if (reason != null) {
            endings.finish(slot, job, reason, now);
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
            memory.truncate(slot, length, true);
        }
        return slot.length() == length;
    }

    /** Those that were cancelled, and those whose time is up. */
    private void endWhatMust(long now) {
        for (Slot slot : slots) {
            Job job = slot.job();
            FinishReason reason = job == null ? null : job.endsEarly(now);
            if (job != null && reason != null) {
                endings.finish(slot, job, reason, now);
            }
        }
        endWhatLostItsAdapters();
        for (Job job : queue.removeEnding(now)) {
            FinishReason reason = job.endsEarly(now);
            endings.record(job, reason == null ? "" : reason.name(), now);
            if (job.session() != null) {
                sessions.unpin(job.session());
            }
            job.finish(reason == null ? FinishReason.CANCELLED : reason, now);
        }
    }

    private void endWhatLostItsAdapters() {
        boolean any = false;
        for (Slot slot : slots) {
            Job job = slot.job();
            IllegalStateException lost = job == null ? null : job.lostAdapter();
            if (lost != null) {
                endings.lose(slot, lost);
                any = true;
            }
        }
        if (any) {
            turns.release();
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
            if (eviction.evictOne()) {
                return;
            }
            Optional<Job> preempted = preemption.preemptLatest(null);
            preempted.ifPresent(this::putBack);
            if (preempted.isEmpty()) {
                Slot latest = touched.stream()
                        .max(Comparator.comparingLong(Slot::turn))
                        .orElseThrow();
                endings.lose(latest, e);
            }
            return;
        }
        if (e.status() == DecodeStatus.ABORTED) {
            touched.forEach(slot -> memory.truncate(slot, slot.length(), true));
            return;
        }
        touched.forEach(slot -> endings.lose(slot, e));
    }
}
