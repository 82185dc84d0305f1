package io.github.panllama.engine;

import io.github.panllama.LlamaModel;
import io.github.panllama.LoraAdapter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The replicas of an engine, which are alike. They begin and end together: where one fails, all do.
 *
 * <p><b>Threads.</b> Any.
 */
final class Replicas {
    private final List<Replica> all = new ArrayList<>();
    private final QueueCapacity capacity;
    private final EngineTuning tuning;

    private Replicas(QueueCapacity capacity, EngineTuning tuning) {
        this.capacity = capacity;
        this.tuning = tuning;
    }

    /**
     * Makes all contexts, or none.
     *
     * @param stepped called by the threads that compute
     */
    static Replicas open(List<LlamaModel> models, EngineOptions options, SessionStore sessions, Runnable stepped) {
        long count = (long) models.size() * options.replicas;
        if (count > EngineOptions.MAX_REPLICAS) {
            throw new IllegalArgumentException("%d models with %d replicas each are %d, must be at most %d"
                    .formatted(models.size(), options.replicas, count, EngineOptions.MAX_REPLICAS));
        }
        EngineContext settings = EngineContext.plan(models, options);
        Replicas replicas = new Replicas(new QueueCapacity(options.queueCapacity), settings.tuning());
        try {
            // The first requests go round in this order: to different devices first.
            for (int i = 0; i < options.replicas; i++) {
                for (LlamaModel model : models) {
                    replicas.open(model, settings, options, sessions, stepped);
                }
            }
            return replicas;
        } catch (RuntimeException | Error e) {
            replicas.discard();
            throw e;
        }
    }

    private void open(
            LlamaModel model, EngineContext settings, EngineOptions options, SessionStore sessions, Runnable stepped) {
        all.add(new Replica(all.size(), model, settings, options, sessions, capacity, stepped, this::close));
    }

    void start() {
        all.forEach(Replica::start);
    }

    /** Frees what was not, or not wholly, started. */
    void discard() {
        all.forEach(Replica::discard);
    }

    /** Any of them; what does not depend on what they have to do is the same for all. */
    Replica first() {
        return all.getFirst();
    }

    List<Replica> all() {
        return all;
    }

    /** Those that can compute with adapters. */
    List<ReplicaLoad> able(Collection<LoraAdapter> adapters) {
        return all.stream()
                .filter(replica -> adapters.stream().allMatch(adapter -> adapter.model() == replica.model()))
                .map(Replica::load)
                .toList();
    }

    /** The replica that has a session in a sequence. */
    @Nullable
    ReplicaLoad homeOf(@Nullable Session session) {
        SessionHome home = session == null ? null : session.home;
        for (Replica replica : all) {
            if (home != null && replica.home() == home) {
                return replica.load();
            }
        }
        return null;
    }

    /** Refuses more jobs than may wait. */
    void checkRoom(int count) {
        capacity.check(count);
    }

    /** Lets jobs wait in the queues of their replicas: all, or none. */
    void submit(List<Job> jobs) {
        capacity.take(
                jobs.size(), () -> jobs.forEach(job -> of(job.load()).queue().add(job)));
        jobs.forEach(job -> of(job.load()).wake());
    }

    Replica of(JobLoad load) {
        return all.get(load.replica().index());
    }

    /** As {@link Pulse#look}, the most of any of them. */
    int look(boolean excused) {
        int most = 0;
        for (Replica replica : all) {
            most = Math.max(most, replica.pulse().look(excused));
        }
        return most;
    }

    /** Something has changed that any of them may wait for. */
    void wake() {
        all.forEach(Replica::wake);
    }

    /** Ends all within a step. */
    void close(@Nullable Throwable why) {
        all.forEach(replica -> replica.close(why));
    }

    /** Waits until all contexts are freed; answers whether the thread was interrupted meanwhile. */
    boolean join() {
        boolean interrupted = false;
        for (Replica replica : all) {
            interrupted |= replica.join();
        }
        return interrupted;
    }

    EngineStats stats(EngineStats.Sessions sessions) {
        StatsSum sum = new StatsSum();
        all.forEach(replica -> replica.addTo(sum));
        return sum.stats(sessions, tuning);
    }
}
