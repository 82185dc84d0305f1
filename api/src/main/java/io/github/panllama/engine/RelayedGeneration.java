package io.github.panllama.engine;

import io.github.panllama.internal.worker.FrameWriter;
import org.jspecify.annotations.Nullable;

/**
 * A generation of a worker's engine that is read by the client.
 *
 * <p><b>Threads.</b> The one that computes gives chunks, the channel's tells what the client wants.
 */
final class RelayedGeneration implements GenerationRelay {
    private final WorkerOutput output;
    private final long id;
    private @Nullable Session session;
    private int[] conversation = {};
    private long given;
    private volatile long allowed = Long.MAX_VALUE;
    private @Nullable Runnable wakeEngine;
    private @Nullable Generation generation;
    private boolean cancelled;

    /**
     * A generation that is to be submitted.
     *
     * @param id that the client has given it
     */
    RelayedGeneration(WorkerOutput output, long id) {
        this.output = output;
        this.id = id;
    }

    /** It goes on with a session, of which the client knows this conversation. */
    synchronized void continues(Session of, int[] known) {
        session = of;
        conversation = known;
    }

    long id() {
        return id;
    }

    /** The engine's side of it. */
    synchronized Generation bind(int readAhead, Runnable wake) {
        Generation made = new Generation(readAhead, wake, this);
        generation = made;
        wakeEngine = wake;
        if (cancelled) {
            made.cancel();
        }
        return made;
    }

    /** The client wants it to end, perhaps before the engine has it. */
    synchronized void cancel() {
        cancelled = true;
        if (generation != null) {
            generation.cancel();
        }
    }

    /** The client wants this many chunks in all and no more, until it allows more. It never allows fewer than before. */
    synchronized void allow(long chunks) {
        allowed = allowed == Long.MAX_VALUE ? chunks : Math.max(allowed, chunks);
        if (wakeEngine != null) {
            wakeEngine.run();
        }
    }

    @Override
    public boolean isPaused() {
        return given >= allowed;
    }

    @Override
    public void begun() {
        output.append(new FrameWriter(Wire.BEGUN).putLong(id));
    }

    @Override
    public void added(GenerationChunk chunk) {
        given++;
        FrameWriter frame = new FrameWriter(Wire.CHUNK).putLong(id);
        ChunkCodec.write(chunk, frame);
        output.append(frame);
    }

    @Override
    public void completed(CompletionResult result) {
        // Not behind the lock that the channel's thread takes: what is appended may wait for it.
        output.append(end(result));
        output.ended(this);
    }

    private synchronized FrameWriter end(CompletionResult result) {
        FrameWriter frame = new FrameWriter(Wire.END).putLong(id);
        ChunkCodec.write(result, frame);
        frame.putBoolean(session != null);
        if (session != null) {
            SessionSync.write(conversation, session.conversation(), frame);
        }
        return frame;
    }

    @Override
    public void failed(Throwable failure) {
        output.fails(failure);
        FrameWriter frame = new FrameWriter(Wire.FAILURE).putLong(id);
        FailureCodec.write(failure, frame);
        output.ended(this);
        // The thread may compute nothing more that it would send this with.
        output.send(frame);
    }
}
