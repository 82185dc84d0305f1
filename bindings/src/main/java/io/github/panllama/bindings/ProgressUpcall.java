package io.github.panllama.bindings;

import io.github.panllama.bindings.gen.llama_progress_callback;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A listener as a {@code llama_progress_callback}. All listeners share one upcall stub, which finds its listener by the
 * id in {@code user_data}; a callback that comes after {@link #close} is answered with "stop".
 *
 * <p>The listener is called on the thread that loads, within the native call. What it throws stops the load and is kept
 * for {@link #rethrow}: no exception may leave an upcall.
 */
public final class ProgressUpcall implements AutoCloseable {
    /** Told how far a load has come. */
    @FunctionalInterface
    public interface Listener {
        /**
         * Called as the load goes on.
         *
         * @param fraction what is loaded, from 0 to 1, never less than the time before
         * @return whether to go on
         */
        boolean onProgress(float fraction);
    }

    private static final Map<Long, ProgressUpcall> LIVE = new ConcurrentHashMap<>();
    private static final AtomicLong IDS = new AtomicLong();

    /** Made on first use: it needs native access. */
    private static final class Stub {
        static final MemorySegment SEGMENT = llama_progress_callback.allocate(ProgressUpcall::dispatch, Arena.global());
    }

    private final long id = IDS.incrementAndGet();
    private final Listener listener;
    private volatile @Nullable Throwable thrown;

    /**
     * Makes the listener reachable from C until {@link #close}.
     *
     * @param listener whom to tell
     */
    public ProgressUpcall(Listener listener) {
        this.listener = listener;
        LIVE.put(id, this);
    }

    /** {@return the function pointer, for {@code progress_callback}} */
    public MemorySegment stub() {
        return Stub.SEGMENT;
    }

    /** {@return what goes beside it, for {@code progress_callback_user_data}} */
    public MemorySegment userData() {
        return MemorySegment.ofAddress(id);
    }

    /** Throws what the listener threw, if it did. Called after the native call has returned. */
    public void rethrow() {
        switch (thrown) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException("the progress listener threw", e);
        }
    }

    @Override
    public void close() {
        LIVE.remove(id);
    }

    private static boolean dispatch(float fraction, MemorySegment userData) {
        ProgressUpcall upcall = LIVE.get(userData.address());
        if (upcall == null) {
            return false;
        }
        try {
            return upcall.listener.onProgress(fraction);
        } catch (Throwable e) {
            upcall.thrown = e;
            return false;
        }
    }
}
