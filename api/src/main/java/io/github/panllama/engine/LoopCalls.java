package io.github.panllama.engine;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/**
 * Work that others want done on the engine's thread, between two steps.
 *
 * <p><b>Threads.</b> Any may call; the engine's runs.
 */
final class LoopCalls {
    private final Queue<Call<?>> calls = new ConcurrentLinkedQueue<>();
    private volatile boolean ended;

    private record Call<T>(Supplier<T> work, CompletableFuture<T> result) {
        void run() {
            try {
                result.complete(work.get());
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        }
    }

    /**
     * Has work done, and waits for it.
     *
     * @param wake tells the engine's thread
     * @throws EngineClosedException if the engine is, or gets, closed before
     */
    <T> T call(Supplier<T> work, Runnable wake) {
        Call<T> call = new Call<>(work, new CompletableFuture<>());
        calls.add(call);
        wake.run();
        if (ended) {
            end();
        }
        try {
            return call.result.join();
        } catch (CompletionException e) {
            throw Generation.rethrown(e.getCause() == null ? e : e.getCause());
        }
    }

    /** Does all that is wanted. */
    void run() {
        for (Call<?> call = calls.poll(); call != null; call = calls.poll()) {
            call.run();
        }
    }

    /** From now on nothing is done. */
    void end() {
        ended = true;
        for (Call<?> call = calls.poll(); call != null; call = calls.poll()) {
            call.result.completeExceptionally(new EngineClosedException(null));
        }
    }
}
