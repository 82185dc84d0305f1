package io.github.panllama.engine;

import io.github.panllama.LlamaException;
import io.github.panllama.ProgressListener;
import io.github.panllama.internal.worker.FrameHandler;
import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import io.github.panllama.internal.worker.WorkerCalls.Decoder;
import io.github.panllama.internal.worker.WorkerExit;
import io.github.panllama.internal.worker.WorkerProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One worker of an isolated engine, from its start to its end.
 *
 * <p><b>Threads.</b> Any.
 */
final class WorkerClient implements FrameHandler {
    /** A JVM that has crashed describes that before it ends. */
    private static final long EXIT_MILLIS = 1_200;

    private final WorkerProcess process;
    private final RemoteJobs jobs;
    private final RemoteCalls calls = new RemoteCalls();
    private final HangWatch watch;
    private final BiConsumer<WorkerClient, @Nullable IOException> whenLost;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private volatile boolean loaded;
    /** Its end is nobody's surprise. */
    private volatile boolean closing;

    private WorkerClient(
            WorkerProcess process,
            RemoteJobs jobs,
            HangWatch watch,
            BiConsumer<WorkerClient, @Nullable IOException> whenLost) {
        this.process = process;
        this.jobs = jobs;
        this.watch = watch;
        this.whenLost = whenLost;
    }

    /** What a worker tells until it is ready. */
    sealed interface Event {
        record Progress(float fraction) implements Event {}

        record Failed(RuntimeException failure) implements Event {}

        record Lost(@Nullable IOException reason) implements Event {}
    }

    /** What a worker tells when it is ready. */
    record Ready(int room, EngineModel model, EngineStats stats) implements Event {}

    /** A worker that is ready, and what it has told. */
    record Started(WorkerClient client, Ready ready) {}

    /**
     * Takes over a process, and waits until its engine is ready.
     *
     * @param start writes what it is to load
     * @param watch says when it hangs
     * @param whenLost is told once when a worker that was ready is gone, with the reason if it is the channel's
     * @throws EngineCrashedException if it ends meanwhile
     */
    static Started start(
            WorkerProcess process,
            Consumer<FrameWriter> start,
            ProgressListener progress,
            RemoteJobs jobs,
            HangWatch watch,
            BiConsumer<WorkerClient, @Nullable IOException> whenLost) {
        WorkerClient client = new WorkerClient(process, jobs, watch, whenLost);
        try {
            FrameWriter frame = new FrameWriter(Wire.START);
            start.accept(frame);
            process.channel().tickEvery(watch.interval());
            process.channel().start(client);
            client.send(frame);
            return new Started(client, client.awaitReady(progress));
        } catch (IOException e) {
            throw client.crashed(e);
        } catch (RuntimeException | Error e) {
            process.kill();
            process.close();
            throw e;
        }
    }

    private Ready awaitReady(ProgressListener progress) {
        try {
            while (true) {
                switch (events.take()) {
                    case Event.Progress(float fraction) -> {
                        if (!progress.onProgress(fraction)) {
                            throw new CancellationException("Loading was cancelled by its progress listener");
                        }
                    }
                    case Event.Failed(RuntimeException failure) -> {
                        failure.fillInStackTrace();
                        throw failure;
                    }
                    case Event.Lost(IOException reason) -> throw crashed(reason);
                    case Ready ready -> {
                        return ready;
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LlamaException("Interrupted while a worker loads the model", e);
        }
    }

    @Override
    public void onFrame(int type, FrameReader in) throws ProtocolException {
        switch (type) {
            case Wire.PROGRESS -> events.add(new Event.Progress(in.getFloat("fraction")));
            case Wire.READY -> {
                int room = in.getInt("room", 1, Integer.MAX_VALUE);
                Ready ready = new Ready(room, StatsCodec.readModel(in), StatsCodec.readStats(in));
                in.end();
                loaded = true;
                events.add(ready);
            }
            case Wire.FAILED -> events.add(new Event.Failed(FailureCodec.read(in)));
            case Wire.REPLY, Wire.ERROR -> calls.onFrame(type, in);
            case Wire.ALIVE -> {
                Duration still = Wire.getDuration(in, "still");
                in.end();
                watch.stillFor(still);
            }
            default -> jobs.onFrame(type, in);
        }
    }

    @Override
    public void onBatchEnd() {
        watch.heard();
    }

    @Override
    public void onTick() throws ProtocolException {
        if (!closing) {
            watch.tick();
        }
    }

    @Override
    public void onEnd(@Nullable IOException reason) {
        if (closing) {
            return;
        }
        if (loaded) {
            whenLost.accept(this, reason);
        } else {
            events.add(new Event.Lost(reason));
        }
    }

    /**
     * Sends jobs that are of one request.
     *
     * @throws IllegalArgumentException if the request is too large for a frame
     */
    void submit(List<RemoteJob> all) {
        RemoteJob first = all.getFirst();
        FrameWriter frame = new FrameWriter(Wire.SUBMIT).putLong(first.id());
        frame.putBoolean(first.continues()).putInt(all.size());
        first.write(this, frame);
        sendOrLose(frame);
        all.forEach(job -> job.sent(this));
    }

    void credit(long id, long chunks) {
        sendOrLose(new FrameWriter(Wire.CREDIT).putLong(id).putLong(chunks));
    }

    void cancel(long id) {
        sendOrLose(new FrameWriter(Wire.CANCEL).putLong(id));
    }

    /** What cannot be sent is told to {@link #onEnd} too, which sees to the rest. */
    private void sendOrLose(FrameWriter frame) {
        try {
            send(frame);
        } catch (IOException e) {
            return;
        }
    }

    private void send(FrameWriter frame) throws IOException {
        process.channel().send(frame);
    }

    /**
     * Asks the worker, and waits for the answer.
     *
     * @throws EngineCrashedException if it ends before
     */
    <T> T call(int call, Consumer<FrameWriter> arguments, Decoder<T> decoder) {
        RemoteCalls.Pending<T> pending = calls.begin(decoder);
        try {
            FrameWriter frame = new FrameWriter(Wire.CALL).putLong(pending.id()).putInt(call);
            arguments.accept(frame);
            sendOrLose(frame);
            return pending.await();
        } finally {
            calls.end(pending);
        }
    }

    /** No call gets its answer any more. */
    void failCalls(RuntimeException failure) {
        calls.fail(failure);
    }

    /** Ends its process, at the latest when the JVM has had the time to describe a crash, and tells how it ended. */
    EngineCrashedException crashed(@Nullable IOException reason) {
        if (reason instanceof ProtocolException) {
            process.kill();
        }
        try {
            process.onExit().get(EXIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            process.kill();
        } catch (InterruptedException e) {
            process.kill();
            Thread.currentThread().interrupt();
        }
        WorkerExit exit = process.end();
        return new EngineCrashedException(
                "The engine has crashed: " + exit.description()
                        + (reason == null ? "" : " (" + reason.getMessage() + ")"),
                exit.code(),
                exit.signal(),
                exit.lastLines(),
                exit.crashFile());
    }

    boolean isOpen() {
        return process.channel().isOpen();
    }

    long pid() {
        return process.pid();
    }

    /** Ends the process, in its own time if that is short. */
    void close() {
        closing = true;
        process.close();
    }
}
