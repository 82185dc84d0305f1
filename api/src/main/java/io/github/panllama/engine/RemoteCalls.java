package io.github.panllama.engine;

import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.ProtocolException;
import io.github.panllama.internal.worker.WorkerCalls.Decoder;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Calls to a worker that wait for their answers.
 *
 * <p><b>Threads.</b> Any; answers come from the channel's.
 */
final class RemoteCalls {
    private final AtomicLong nextId = new AtomicLong();
    private final Map<Long, Pending<?>> pending = new ConcurrentHashMap<>();
    private volatile @Nullable RuntimeException ended;

    /** A call and how its answer is read. */
    record Pending<T>(long id, Decoder<T> decoder, CompletableFuture<T> answer) {
        void complete(FrameReader in) throws ProtocolException {
            answer.complete(decoder.read(in));
        }

        /** Waits for the answer. What went wrong in the worker is thrown as if it had here. */
        T await() {
            return RemoteCalls.await(answer);
        }
    }

    <T> Pending<T> begin(Decoder<T> decoder) {
        Pending<T> call = new Pending<>(nextId.incrementAndGet(), decoder, new CompletableFuture<>());
        pending.put(call.id(), call);
        RuntimeException failure = ended;
        if (failure != null) {
            call.answer().completeExceptionally(failure);
        }
        return call;
    }

    /** Nobody waits for it any more. */
    void end(Pending<?> call) {
        pending.remove(call.id());
    }

    /** Takes an answer. */
    void onFrame(int type, FrameReader in) throws ProtocolException {
        long id = in.getLong("id");
        Pending<?> call = pending.get(id);
        if (call == null) {
            throw new ProtocolException("An answer to the call %d, which nobody has made".formatted(id));
        }
        if (type == Wire.ERROR) {
            call.answer().completeExceptionally(FailureCodec.read(in));
        } else {
            call.complete(in);
        }
        pending.remove(id); // what could not be read is answered when the channel ends
        in.end();
    }

    /** No more answers come. */
    void fail(RuntimeException failure) {
        ended = failure;
        pending.values().forEach(call -> call.answer().completeExceptionally(failure));
    }

    /** Waits, and throws what the future fails with, with the stack of who waits. */
    static <T> T await(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof EngineCrashedException || cause instanceof EngineClosedException) {
                throw (RuntimeException) cause; // others may have the same one
            }
            if (cause instanceof RuntimeException failure) {
                failure.fillInStackTrace();
                throw failure;
            }
            throw e;
        }
    }
}
