package io.github.panllama.engine;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Work that others want done on the engine's thread, between two steps.
 *
 * <p><b>Threads.</b> Any may call; the engine's runs.
 */
final class LoopCalls {
    private final Queue<Call<?>> calls = new ConcurrentLinkedQueue<>();
    /** What is tried again until it can be done. */
    private final Queue<BooleanSupplier> tries = new ConcurrentLinkedQueue<>();

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
        return await(start(work, wake));
    }

    /** Has work done; does not wait. */
    <T> CompletableFuture<T> start(Supplier<T> work, Runnable wake) {
        CompletableFuture<T> result = new CompletableFuture<>();
        calls.add(new Call<>(work, result));
        wake.run();
        if (ended) {
            end();
        }
        return result;
    }

    /** Waits for what was started. */
    static <T> T await(CompletableFuture<T> result) {
        try {
            return result.join();
        } catch (CompletionException e) {
            throw Generation.rethrown(e.getCause() == null ? e : e.getCause());
        }
    }

    /** Has work tried before each step, until it answers that it is done. At the engine's end it is forgotten. */
    void tryUntilDone(BooleanSupplier work, Runnable wake) {
        tries.add(work);
        wake.run();
    }

    /** Does all that is wanted. */
    void run() {
        for (Call<?> call = calls.poll(); call != null; call = calls.poll()) {
            call.run();
        }
        if (!tries.isEmpty()) {
            tries.removeIf(BooleanSupplier::getAsBoolean);
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
