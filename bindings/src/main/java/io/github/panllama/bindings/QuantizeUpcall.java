package io.github.panllama.bindings;

import io.github.panllama.bindings.gen.panllama_quantize_callback;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A listener as a {@code panllama_quantize_callback}. All listeners share one upcall stub, which finds its listener by
 * the id in {@code user_data}.
 *
 * <p>The listener is called on the thread that quantises, within the native call. What it throws ends the work at the
 * next tensor and is kept for {@link #rethrow}: no exception may leave an upcall.
 */
public final class QuantizeUpcall implements AutoCloseable {
    /** Told what llama.cpp logs. */
    @FunctionalInterface
    public interface Listener {
        /**
         * Called with each part of a message.
         *
         * @param text the part, as llama.cpp sends it
         * @return whether to go on; asked at the first part of each tensor's message, which begins with {@code [}
         */
        boolean onMessage(String text);
    }

    private static final Map<Long, QuantizeUpcall> LIVE = new ConcurrentHashMap<>();
    private static final AtomicLong IDS = new AtomicLong();

    /** Made on first use: it needs native access. */
    private static final class Stub {
        static final MemorySegment SEGMENT =
                panllama_quantize_callback.allocate(QuantizeUpcall::dispatch, Arena.global());
    }

    private final long id = IDS.incrementAndGet();
    private final Listener listener;
    private @Nullable Throwable thrown;

    /**
     * Makes the listener reachable from C until {@link #close}.
     *
     * @param listener whom to tell
     */
    public QuantizeUpcall(Listener listener) {
        this.listener = listener;
        LIVE.put(id, this);
    }

    /** {@return the function pointer, for {@code callback}} */
    public MemorySegment stub() {
        return Stub.SEGMENT;
    }

    /** {@return what goes beside it, for {@code user_data}} */
    public MemorySegment userData() {
        return MemorySegment.ofAddress(id);
    }

    /** Throws what the listener threw, if it did. Called after the native call has returned. */
    public void rethrow() {
        switch (thrown) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException("the listener threw", e);
        }
    }

    @Override
    public void close() {
        LIVE.remove(id);
    }

    private static boolean dispatch(MemorySegment text, MemorySegment userData) {
        QuantizeUpcall upcall = LIVE.get(userData.address());
        if (upcall == null || upcall.thrown != null) {
            return false;
        }
        try {
            String message = Pointers.string(text);
            return upcall.listener.onMessage(message == null ? "" : message);
        } catch (Throwable e) {
            upcall.thrown = e;
            return false;
        }
    }
}
