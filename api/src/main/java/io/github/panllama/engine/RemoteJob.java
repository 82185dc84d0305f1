package io.github.panllama.engine;

import io.github.panllama.FinishReason;
import io.github.panllama.TokenLogprob;
import io.github.panllama.internal.worker.FrameWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A request to an isolated engine: where it is, and what has come of it so far.
 *
 * <p><b>Threads.</b> Any. Chunks and the end come from the thread of the worker's channel.
 */
final class RemoteJob implements GenerationFeed {
    /** How far it has come. */
    enum State {
        /** There is no worker for it at the moment. */
        WAITING,
        /** A worker is to have it, and has not answered. */
        SENT,
        /** It waits in a worker. */
        ACCEPTED,
        /** A worker computes it, or has. */
        BEGUN
    }

    private final long id;
    private final CompletionRequest request;
    private final @Nullable RemoteSession session;
    private final int[] conversation;
    private final int readAhead;
    private final Generation generation;
    private final CompletableFuture<Void> answer;
    private final long submitted = System.nanoTime();

    private State state = State.WAITING;
    private @Nullable WorkerClient worker;
    private boolean reachable;
    private boolean sentBefore;
    /** How many workers have crashed while it waited there, and computed nothing. */
    private int suspicions;

    private long sentAt = submitted;
    private long allowed = Long.MAX_VALUE;
    private boolean hasReader;
    private boolean hasChunks;

    private final StringBuilder text = new StringBuilder();
    private final List<Integer> tokens = new ArrayList<>();
    private final List<TokenLogprob> logprobs = new ArrayList<>();

    /**
     * A job.
     *
     * @param session what it continues; {@code null} for nothing
     * @param conversation what the session has
     * @param answer completed when a worker has accepted or refused it, or is gone before
     */
    RemoteJob(
            long id,
            CompletionRequest request,
            @Nullable RemoteSession session,
            int[] conversation,
            int readAhead,
            CompletableFuture<Void> answer) {
        this.id = id;
        this.request = request;
        this.session = session;
        this.conversation = conversation;
        this.readAhead = readAhead;
        this.answer = answer;
        generation = new Generation(readAhead, this, null);
    }

    long id() {
        return id;
    }

    Generation generation() {
        return generation;
    }

    CompletableFuture<Void> answer() {
        return answer;
    }

    synchronized State state() {
        return state;
    }

    /** Whether this worker has it, or is to have it. */
    synchronized boolean isAt(WorkerClient client) {
        return worker == client;
    }

    /** A worker is to have it. */
    synchronized void sendsTo(WorkerClient client) {
        state = State.SENT;
        worker = client;
        sentAt = System.nanoTime();
    }

    /** Writes it for its worker. */
    void write(WorkerClient client, FrameWriter out) {
        if (session != null) {
            session.write(client, conversation, out);
        }
        Duration left = timeLeft();
        RequestCodec.write(request, left, out);
    }

    /** Whether it goes on with a session. */
    boolean continues() {
        return session != null;
    }

    /** Until its deadline, at least a nanosecond; {@code null} where it has none. */
    @Nullable
    Duration timeLeft() {
        if (request.timeout == null) {
            return null;
        }
        Duration left = request.timeout.minusNanos(System.nanoTime() - submitted);
        return left.isPositive() ? left : Duration.ofNanos(1);
    }

    /** Its frame is on its way, and others may follow it: what has happened meanwhile is told now. */
    void sent(WorkerClient client) {
        long credit;
        synchronized (this) {
            reachable = worker == client;
            credit = allowed;
        }
        if (credit != Long.MAX_VALUE) {
            client.credit(id, credit);
        }
        if (generation.isCancelled()) {
            client.cancel(id);
        }
    }

    /** It waits in its worker, if it has not begun already. */
    synchronized void accepted() {
        if (state == State.SENT) {
            state = State.ACCEPTED;
            sentBefore = false;
        }
    }

    synchronized void begun() {
        state = State.BEGUN;
    }

    /**
     * Its worker is gone. Answers whether another one may have it: not where it may be the reason, since it was being
     * computed, or was being submitted or begun for the second time.
     *
     * @param idle whether that worker computed nothing, so that it may have been about to begin this
     */
    synchronized boolean waitsAgain(boolean idle) {
        suspicions += idle && state == State.ACCEPTED ? 1 : 0;
        boolean again = switch (state) {
            case WAITING -> true;
            case SENT -> !sentBefore;
            case ACCEPTED -> suspicions < 2;
            case BEGUN -> false;
        };
        sentBefore |= state == State.SENT;
        worker = null;
        reachable = false;
        if (session != null) {
            session.isLost();
        }
        if (again) {
            state = State.WAITING;
        }
        return again;
    }

    private synchronized @Nullable WorkerClient reachableWorker() {
        return reachable ? worker : null;
    }

    /** The worker hears of the reader with the first chunk: what computes that is not held up. */
    @Override
    public void readerCame() {
        boolean late;
        synchronized (this) {
            hasReader = true;
            late = hasChunks;
        }
        if (late) {
            allow(readAhead);
        }
    }

    private synchronized boolean isFirstChunkOfReader() {
        boolean first = !hasChunks;
        hasChunks = true;
        return first && hasReader;
    }

    @Override
    public void read(long chunks, int waiting) {
        long upTo = chunks + readAhead;
        boolean due;
        synchronized (this) {
            due = upTo - allowed >= Math.max(1, readAhead / 2);
        }
        if (due && !generation.isDone()) {
            allow(upTo);
        }
    }

    private void allow(long chunks) {
        WorkerClient client;
        synchronized (this) {
            allowed = chunks;
            client = reachableWorker();
        }
        if (client != null) {
            client.credit(id, chunks);
        }
    }

    /** Set by the engine: ends the job where no worker has it. */
    private volatile Runnable whenCancelled = () -> {};

    void whenCancelled(Runnable ending) {
        whenCancelled = ending;
    }

    @Override
    public void cancelled() {
        WorkerClient client = reachableWorker();
        if (client != null) {
            client.cancel(id);
        } else {
            whenCancelled.run();
        }
    }

    /** The next chunk has come. */
    void add(GenerationChunk chunk) {
        begun();
        text.append(chunk.text());
        chunk.token().ifPresent(tokens::add);
        chunk.logprob().ifPresent(logprobs::add);
        generation.add(chunk);
        if (isFirstChunkOfReader()) {
            allow(readAhead);
        }
    }

    /** It has ended in its worker. */
    void complete(ChunkCodec.End end, @Nullable SessionSync sync) {
        Duration held = Duration.ofNanos(sentAt - submitted);
        Timings timings = end.timings();
        Duration first = timings.timeToFirstToken();
        CompletionResult result = new CompletionResult(
                text.toString(),
                tokens,
                logprobs,
                end.reason(),
                Optional.ofNullable(end.stopText()),
                end.usage(),
                new Timings(
                        timings.queued().plus(held),
                        first.isZero() ? first : first.plus(held),
                        timings.interToken(),
                        timings.duration().plus(held)));
        int @Nullable [] after = sync == null ? null : sync.apply(conversation);
        WorkerClient at = reachableWorker();
        finish(() -> generation.complete(result), after, at);
    }

    /** It ends before a worker has begun it. */
    void completeUnbegun(FinishReason reason) {
        Duration waited = Duration.ofNanos(System.nanoTime() - submitted);
        CompletionResult result = new CompletionResult(
                "",
                List.of(),
                List.of(),
                reason,
                Optional.empty(),
                new Usage(0, 0, 0, 0, 0),
                new Timings(waited, Duration.ZERO, List.of(), waited));
        finish(() -> generation.complete(result), null, null);
    }

    void fail(Throwable failure) {
        finish(() -> generation.fail(failure), null, null);
    }

    /** The session's lock may be held by who waits for the channel's thread. */
    private void finish(Runnable end, int @Nullable [] after, @Nullable WorkerClient at) {
        if (session == null) {
            end.run();
            return;
        }
        Thread.ofVirtual().name("panllama-session").start(() -> {
            if (after == null) {
                session.session().free();
            } else {
                if (at != null) {
                    session.isAt(at, after);
                }
                session.session().ended(after);
            }
            end.run();
        });
    }
}
