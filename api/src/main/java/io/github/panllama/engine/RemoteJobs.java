package io.github.panllama.engine;

import io.github.panllama.FinishReason;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.ProtocolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of an isolated engine that have not ended, and what its workers tell about them.
 *
 * <p><b>Threads.</b> Any.
 */
final class RemoteJobs {
    private final Map<Long, RemoteJob> byId = new ConcurrentHashMap<>();
    private final Runnable whenCompleted;

    /**
     * No jobs yet.
     *
     * @param whenCompleted is told when one has its result
     */
    RemoteJobs(Runnable whenCompleted) {
        this.whenCompleted = whenCompleted;
    }

    void add(RemoteJob job) {
        job.whenCancelled(() -> endWaiting(job, FinishReason.CANCELLED));
        byId.put(job.id(), job);
    }

    void remove(RemoteJob job) {
        byId.remove(job.id(), job);
    }

    /** Those that no worker has, the oldest first. */
    List<RemoteJob> waiting() {
        return byId.values().stream()
                .filter(job -> job.state() == RemoteJob.State.WAITING)
                .sorted(Comparator.comparingLong(RemoteJob::id))
                .toList();
    }

    /** It has no worker, and may not wait for one for longer than it has time. */
    void waits(RemoteJob job) {
        if (job.generation().isCancelled()) {
            endWaiting(job, FinishReason.CANCELLED);
            return;
        }
        Duration left = job.timeLeft();
        if (left != null) {
            Executor later = CompletableFuture.delayedExecutor(
                    TimeUnit.NANOSECONDS.convert(left), TimeUnit.NANOSECONDS, Thread.ofVirtual()::start);
            later.execute(() -> endWaiting(job, FinishReason.DEADLINE));
        }
    }

    private void endWaiting(RemoteJob job, FinishReason reason) {
        if (job.state() == RemoteJob.State.WAITING && byId.remove(job.id(), job)) {
            job.completeUnbegun(reason);
        }
    }

    /** Takes a frame about jobs. */
    void onFrame(int type, FrameReader in) throws ProtocolException {
        long id = in.getLong("id");
        switch (type) {
            case Wire.ACCEPTED -> accepted(id, in.getInt("count", 1, Integer.MAX_VALUE));
            case Wire.REFUSED -> refused(id, FailureCodec.read(in));
            case Wire.BEGUN -> begun(id);
            case Wire.CHUNK -> added(id, ChunkCodec.read(in));
            case Wire.END -> {
                ChunkCodec.End end = ChunkCodec.readEnd(in);
                completed(id, end, in.getBoolean("session") ? SessionSync.read(in) : null);
            }
            case Wire.FAILURE -> failed(id, FailureCodec.read(in));
            default -> throw new ProtocolException("A frame has the type %d, which no worker sends".formatted(type));
        }
        in.end();
    }

    private void accepted(long first, int count) {
        for (long id = first; id < first + count; id++) {
            RemoteJob job = byId.get(id);
            if (job != null) {
                job.accepted();
                job.answer().complete(null);
            }
        }
    }

    private void refused(long first, RuntimeException failure) {
        RemoteJob job = byId.get(first);
        if (job == null) {
            return;
        }
        // Who still waits for the answer throws it; else it is the generation's.
        if (!job.answer().completeExceptionally(failure) && byId.remove(first, job)) {
            job.fail(failure);
        }
    }

    private void begun(long id) {
        RemoteJob job = byId.get(id);
        if (job != null) {
            job.begun();
            job.answer().complete(null);
        }
    }

    private void added(long id, GenerationChunk chunk) {
        RemoteJob job = byId.get(id);
        if (job != null) {
            job.add(chunk);
        }
    }

    private void completed(long id, ChunkCodec.End end, @Nullable SessionSync sync) {
        RemoteJob job = byId.get(id);
        if (job != null) {
            job.answer().complete(null);
            job.complete(end, sync);
            byId.remove(id); // one whose end cannot be read fails with the channel
            whenCompleted.run();
        }
    }

    private void failed(long id, RuntimeException failure) {
        RemoteJob job = byId.remove(id);
        if (job != null) {
            job.answer().complete(null);
            job.fail(failure);
        }
    }

    /** A worker is gone: what it may have crashed on fails, the others wait for the next one. */
    void lost(WorkerClient client, EngineCrashedException crash) {
        List<RemoteJob> here = new ArrayList<>();
        for (RemoteJob job : byId.values()) {
            if (job.isAt(client)) {
                here.add(job);
            }
        }
        boolean idle = here.stream().noneMatch(job -> job.state() == RemoteJob.State.BEGUN);
        for (RemoteJob job : here) {
            if (job.waitsAgain(idle)) {
                job.answer().complete(null);
                waits(job);
            } else {
                fail(job, crash);
            }
        }
    }

    /** None of them goes on. */
    void failAll(RuntimeException failure) {
        byId.values().forEach(job -> fail(job, failure));
    }

    private void fail(RemoteJob job, RuntimeException failure) {
        if (byId.remove(job.id(), job)) {
            job.answer().complete(null);
            job.fail(failure);
        }
    }
}
