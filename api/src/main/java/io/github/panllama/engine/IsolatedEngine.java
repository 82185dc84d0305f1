package io.github.panllama.engine;

import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.WorkerCalls;
import io.github.panllama.internal.worker.WorkerProcess;
import io.github.panllama.internal.worker.WorkerStartException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An engine whose model and contexts are in another process.
 *
 * <p><b>Threads.</b> Any.
 */
final class IsolatedEngine implements LlamaEngine, WorkerCalls {
    /** Ids of generations of one request follow each other. */
    private static final int MAX_COUNT = 65_536;

    private final Path file;
    private final IsolatedOptions options;
    private final RemoteJobs jobs;
    private final Workers workers;
    private final RemoteSessions sessions;
    private final AtomicLong nextId = new AtomicLong();
    private volatile WorkerClient.@Nullable Ready ready;
    private volatile @Nullable EngineStats lastStats;

    private IsolatedEngine(Path file, IsolatedOptions options) {
        this.file = file;
        this.options = options;
        CrashLimit limit = new CrashLimit(options.crashLimit, options.crashWindow);
        jobs = new RemoteJobs(limit::completed);
        workers = new Workers(this::startWorker, jobs, limit, options.engine.queueCapacity);
        sessions = new RemoteSessions(workers, this::submit, options.engine.sessionFolder != null);
    }

    /** See {@link LlamaEngine#startIsolated(Path, IsolatedOptions)}. */
    static IsolatedEngine open(Path file, IsolatedOptions options) {
        IsolatedEngine engine = new IsolatedEngine(file.toAbsolutePath(), options);
        try {
            engine.workers.start();
            return engine;
        } catch (RuntimeException | Error e) {
            engine.close();
            throw e;
        }
    }

    private WorkerClient startWorker(Workers of) {
        WorkerClient.Ready before = ready;
        HangWatch watch = new HangWatch(options.hangTimeout);
        WorkerClient.Started started = WorkerClient.start(
                launch(),
                out -> writeStart(out, watch.interval()),
                fraction -> before != null || options.reportsProgress(fraction),
                jobs,
                watch,
                of::lost);
        WorkerClient.Ready now = started.ready();
        if (before != null && !before.model().fingerprint().equals(now.model().fingerprint())) {
            started.client().close();
            throw new IllegalStateException("The file %s is another model now than when the engine was started: it was"
                            .formatted(file)
                    + " %s, and is %s"
                            .formatted(before.model().description(), now.model().description()));
        }
        ready = now;
        lastStats = now.stats();
        return started.client();
    }

    private WorkerProcess launch() {
        try {
            return WorkerProcess.start(options.command(EngineWorker.class));
        } catch (WorkerStartException e) {
            throw new LlamaException(Objects.requireNonNullElse(e.getMessage(), "a worker cannot be started"), e);
        } catch (IOException e) {
            throw new LlamaException("A worker cannot be started: " + e, e);
        }
    }

    private void writeStart(FrameWriter out, Duration interval) {
        out.putInt(Wire.VERSION);
        out.putString(file.toString());
        Wire.putDuration(out, interval);
        options.write(out);
    }

    @Override
    public Generation generate(CompletionRequest request) {
        return generate(request, 1).getFirst();
    }

    @Override
    public List<Generation> generate(CompletionRequest request, int count) {
        Objects.requireNonNull(request, "request");
        if (count < 1) {
            throw new IllegalArgumentException("count is %d, must be positive".formatted(count));
        }
        if (count > MAX_COUNT) {
            throw new EngineBusyException(options.engine.queueCapacity, Duration.ofSeconds(1));
        }
        return submit(request, null, new int[0], count);
    }

    private Generation submit(CompletionRequest request, RemoteSession session, int[] conversation) {
        return submit(request, session, conversation, 1).getFirst();
    }

    private List<Generation> submit(
            CompletionRequest request, @Nullable RemoteSession session, int[] conversation, int count) {
        RequestCodec.check(request);
        CompletableFuture<Void> answer = new CompletableFuture<>();
        long first = nextId.getAndAdd(count);
        List<RemoteJob> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(new RemoteJob(first + i, request, session, conversation, options.engine.readAhead, answer));
        }
        workers.submit(all);
        return all.stream().map(RemoteJob::generation).toList();
    }

    @Override
    public Session openSession() {
        return openSession(Session.newId());
    }

    @Override
    public Session openSession(String id) {
        return sessions.open(id);
    }

    @Override
    public List<Session> sessions() {
        return sessions.all();
    }

    @Override
    public EngineStats stats() {
        WorkerClient client = workers.current();
        if (client != null) {
            try {
                EngineStats now = client.call(Wire.CALL_STATS, _ -> {}, StatsCodec::readStats);
                lastStats = now;
                return now;
            } catch (EngineCrashedException | EngineClosedException e) {
                // There is no worker now: what the last one told is the latest.
            }
        }
        return Objects.requireNonNull(lastStats);
    }

    @Override
    public int sequenceContextSize() {
        return Objects.requireNonNull(ready).room();
    }

    @Override
    public EngineModel description() {
        return Objects.requireNonNull(ready).model();
    }

    @Override
    public boolean isIsolated() {
        return true;
    }

    @Override
    public LlamaModel model() {
        throw new UnsupportedOperationException("The model of an isolated engine is in another process: description(),"
                + " encode and decode tell of it here");
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        Objects.requireNonNull(text, "text");
        return workers.await()
                .call(
                        Wire.CALL_ENCODE,
                        out -> out.putString(Wire.clean(text))
                                .putBoolean(addSpecial)
                                .putBoolean(parseSpecial),
                        in -> in.getInts("tokens", Wire.MAX_LIST));
    }

    @Override
    public String decode(int[] tokens, boolean special) {
        Objects.requireNonNull(tokens, "tokens");
        return workers.await()
                .call(Wire.CALL_DECODE, out -> out.putInts(tokens).putBoolean(special), in -> Wire.getText(in, "text"));
    }

    @Override
    public <T> T callService(int call, Consumer<FrameWriter> arguments, Decoder<T> decoder) {
        return workers.await().call(Wire.FIRST_SERVICE + call, arguments, decoder);
    }

    /** The process that computes; empty while there is none. */
    @Nullable
    Long workerPid() {
        WorkerClient client = workers.current();
        return client == null ? null : client.pid();
    }

    @Override
    public void close() {
        workers.close();
    }
}
