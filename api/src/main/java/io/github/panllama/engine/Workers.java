package io.github.panllama.engine;

import io.github.panllama.LlamaException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The workers of an isolated engine, one after the other: when one is gone, the next one is started, and gets what waits.
 *
 * <p><b>Threads.</b> Any. After a crash, a thread of its own sees to the next worker, and ends with that.
 */
final class Workers implements AutoCloseable {
    private static final Logger LOG = System.getLogger("io.github.panllama.engine");

    private final Function<Workers, WorkerClient> starter;
    private final RemoteJobs jobs;
    private final CrashLimit limit;
    private final int queueCapacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable WorkerClient current;
    /** It is to be the current one, and gets what waits before it gets anything new. */
    private @Nullable WorkerClient next;

    private @Nullable Thread recovery;
    private boolean closed;
    private @Nullable LlamaException failure;

    /**
     * No worker yet.
     *
     * @param starter starts one
     * @param queueCapacity how many requests may wait while there is none
     */
    Workers(Function<Workers, WorkerClient> starter, RemoteJobs jobs, CrashLimit limit, int queueCapacity) {
        this.starter = starter;
        this.jobs = jobs;
        this.limit = limit;
        this.queueCapacity = queueCapacity;
    }

    /** Starts the first one. */
    void start() {
        WorkerClient client = starter.apply(this);
        if (!serves(client)) {
            throw new LlamaException("The worker ended as soon as it was ready");
        }
    }

    /** Gives jobs of one request to the worker, or lets them wait for the next one. */
    void submit(List<RemoteJob> all) {
        WorkerClient client;
        lock.lock();
        try {
            checkOpen();
            client = current;
            if (client == null) {
                checkRoom(all.size());
            }
            for (RemoteJob job : all) {
                if (client != null) {
                    job.sendsTo(client);
                }
                jobs.add(job);
            }
        } finally {
            lock.unlock();
        }
        if (client == null) {
            all.forEach(job -> job.answer().complete(null));
            all.forEach(jobs::waits);
            return;
        }
        try {
            client.submit(all);
            RemoteCalls.await(all.getFirst().answer());
        } catch (RuntimeException | Error e) {
            all.forEach(jobs::remove);
            throw e;
        }
    }

    private void checkOpen() {
        if (closed || failure != null) {
            throw new EngineClosedException(failure);
        }
    }

    private void checkRoom(int more) {
        int waiting = jobs.waiting().size();
        if (waiting + more > queueCapacity) {
            throw new EngineBusyException(waiting, limit.pause().plusSeconds(1));
        }
    }

    /**
     * The worker; waits for the next one where there is none.
     *
     * @throws EngineClosedException if none comes
     */
    WorkerClient await() {
        lock.lock();
        try {
            checkOpen();
            while (current == null) {
                changed.awaitUninterruptibly();
                checkOpen();
            }
            return current;
        } finally {
            lock.unlock();
        }
    }

    /** The worker; {@code null} where there is none at the moment. */
    @Nullable
    WorkerClient current() {
        lock.lock();
        try {
            return current;
        } finally {
            lock.unlock();
        }
    }

    /** A worker that was ready is gone. */
    void lost(WorkerClient client, @Nullable IOException reason) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            // It may be gone before it was anybody's.
            if (current == client) {
                current = null;
            }
            if (next == client) {
                next = null;
            }
            recovery =
                    Thread.ofPlatform().daemon().name("panllama-recovery").start(() -> recoverOrFail(client, reason));
        } finally {
            lock.unlock();
        }
    }

    private void recoverOrFail(WorkerClient client, @Nullable IOException reason) {
        try {
            recover(client, reason);
        } catch (RuntimeException | Error e) {
            LlamaException failed = new LlamaException("The engine cannot recover from a crash of its worker: " + e, e);
            client.failCalls(failed);
            fail(failed);
        }
    }

    private void recover(WorkerClient client, @Nullable IOException reason) {
        EngineCrashedException crash = client.crashed(reason);
        LOG.log(Level.WARNING, crash.getMessage());
        jobs.lost(client, crash);
        client.failCalls(crash);
        LlamaException last = crash;
        while (!limit.crashed(System.nanoTime())) {
            if (!pause(limit.pause())) {
                return;
            }
            try {
                boolean _ = serves(starter.apply(this)); // else it is lost, which is told, or the engine is closed
                return;
            } catch (LlamaException e) {
                if (isClosed()) {
                    return;
                }
                LOG.log(Level.WARNING, "The next worker does not start", e);
                last = e;
            } catch (RuntimeException | Error e) {
                last = new LlamaException("The next worker does not start: " + e, e);
                break;
            }
        }
        fail(new LlamaException("%s. The last one: %s".formatted(limit.describe(), last.getMessage()), last));
    }

    private void resubmit(WorkerClient client, RemoteJob job) {
        lock.lock();
        try {
            if (next != client || job.state() != RemoteJob.State.WAITING) {
                return;
            }
            job.sendsTo(client);
        } finally {
            lock.unlock();
        }
        try {
            client.submit(List.of(job));
        } catch (IllegalArgumentException e) {
            jobs.remove(job);
            job.fail(e);
        }
    }

    /** This worker gets what waits, then what comes. Answers {@code false} where the engine is closed, or the worker gone. */
    private boolean serves(WorkerClient client) {
        List<RemoteJob> waiting = becomesNext(client) ? waitingFor(client) : List.of();
        while (!waiting.isEmpty()) {
            waiting.forEach(job -> resubmit(client, job));
            waiting = waitingFor(client);
        }
        if (isClosed()) {
            client.close();
        }
        return current() == client;
    }

    private boolean becomesNext(WorkerClient client) {
        lock.lock();
        try {
            next = closed || !client.isOpen() ? null : client;
            return next != null;
        } finally {
            lock.unlock();
        }
    }

    /** What the next worker is to have; when that is nothing, it is the current one. */
    private List<RemoteJob> waitingFor(WorkerClient client) {
        lock.lock();
        try {
            if (next != client) {
                return List.of();
            }
            List<RemoteJob> waiting = jobs.waiting();
            if (waiting.isEmpty()) {
                next = null;
                current = client;
                limit.serves(System.nanoTime());
                changed.signalAll();
            }
            return waiting;
        } finally {
            lock.unlock();
        }
    }

    /** Waits; answers {@code false} where the engine is closed meanwhile. */
    private boolean pause(Duration pause) {
        long nanos = pause.toNanos();
        lock.lock();
        try {
            while (!closed && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            return !closed;
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void fail(LlamaException why) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            failure = why;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        jobs.failAll(new EngineClosedException(why));
    }

    /** Fails what waits and what runs, and ends the worker. */
    @Override
    public void close() {
        WorkerClient client;
        Thread recovering;
        lock.lock();
        try {
            closed = true;
            client = current;
            current = null;
            next = null;
            recovering = recovery;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        EngineClosedException end = new EngineClosedException(failure);
        jobs.failAll(end);
        if (client != null) {
            client.failCalls(end);
            client.close();
        }
        if (recovering != null && recovering != Thread.currentThread()) {
            recovering.interrupt();
            if (Replica.join(recovering)) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
