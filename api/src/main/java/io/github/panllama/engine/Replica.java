package io.github.panllama.engine;

import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.Sampler;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One of the contexts of an engine, with a queue and a thread of its own.
 *
 * <p><b>Threads.</b> Any.
 */
final class Replica {
    private final LlamaModel model;
    private final LlamaContext context;
    private final RequestQueue queue;
    private final DraftSources drafts;
    private final StatsRecorder stats = new StatsRecorder();
    private final ReplicaLoad load;
    private final EngineLoop loop;
    private final Thread thread;
    private final int room;
    private final int cells;
    private final boolean canShift;
    private final boolean canShare;

    /**
     * Makes a context, which nothing computes in yet.
     *
     * @param index of it in the engine
     * @param settings of the context, and why they are so
     * @param sessions of the engine
     * @param capacity of all its queues
     * @param stepped is called after requests have begun and after each step
     * @param ended is told when it has ended, and with which failure, if any
     */
    Replica(
            int index,
            LlamaModel model,
            EngineContext settings,
            EngineOptions options,
            SessionStore sessions,
            QueueCapacity capacity,
            Runnable stepped,
            Consumer<@Nullable Throwable> ended) {
        this.model = model;
        context = model.newContext(settings.settings());
        room = context.sequenceContextSize();
        cells = context.contextSize();
        canShare = context.memory().canRemoveParts();
        canShift = canShare && context.memory().canShift();
        load = new ReplicaLoad(index, context.maxSequences(), cells);
        queue = new RequestQueue(capacity, options.aging);
        try {
            drafts = new DraftSources(context, options, settings.tuning());
        } catch (RuntimeException | Error e) {
            context.close();
            throw e;
        }
        try {
            loop = new EngineLoop(context, queue, options, stats, sessions, drafts, stepped);
        } catch (RuntimeException | Error e) {
            drafts.close();
            context.close();
            throw e;
        }
        thread = Thread.ofPlatform()
                .daemon()
                .name(index == 0 ? "panllama-engine" : "panllama-engine-" + index)
                .unstarted(() -> run(ended));
    }

    private void run(Consumer<@Nullable Throwable> ended) {
        try {
            loop.run();
        } finally {
            ended.accept(loop.failure());
        }
    }

    void start() {
        thread.start();
    }

    /** Something has changed that its thread may want to know. */
    void wake() {
        loop.wake();
    }

    /** Ends it within a step. */
    void close(@Nullable Throwable why) {
        loop.close(why);
    }

    /** Waits until its context is freed; answers whether the thread was interrupted meanwhile. */
    boolean join() {
        return join(thread);
    }

    static boolean join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        return interrupted;
    }

    /** Frees what was not, or not wholly, started. */
    void discard() {
        // The loop's end is what frees everything.
        loop.close(null);
        if (thread.getState() == Thread.State.NEW) {
            loop.run();
        } else if (join()) {
            Thread.currentThread().interrupt();
        }
    }

    LlamaModel model() {
        return model;
    }

    RequestQueue queue() {
        return queue;
    }

    ReplicaLoad load() {
        return load;
    }

    /** For what others ask about the sessions that are here. */
    SessionHome home() {
        return loop.home();
    }

    /** Whether its thread gets on. */
    Pulse pulse() {
        return loop.pulse();
    }

    /** The most tokens of a sequence. */
    int room() {
        return room;
    }

    boolean canShift() {
        return canShift;
    }

    /** Whether sequences that begin alike can share that. */
    boolean canShare() {
        return canShare;
    }

    /** Makes a job that is to be computed here. */
    Job job(
            CompletionRequest request,
            int[] prompt,
            @Nullable Session session,
            JobLoad jobLoad,
            Generation generation,
            long now) {
        Draft draft = request.speculation == null ? null : drafts.draft(request.speculation);
        Sampler sampler = sampler(request, draft);
        return new Job(request, prompt, room, generation, sampler, draft, model.tokenizer(), session, jobLoad, now);
    }

    private Sampler sampler(CompletionRequest request, @Nullable Draft draft) {
        try {
            return Sampler.of(model, request.sampling);
        } catch (RuntimeException | Error e) {
            if (draft != null) {
                draft.jobEnded();
            }
            throw e;
        }
    }

    void addTo(StatsSum sum) {
        stats.addTo(sum, queue.size(), load, cells);
    }
}
