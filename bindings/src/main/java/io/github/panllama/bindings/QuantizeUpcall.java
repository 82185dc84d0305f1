package io.github.panllama.bindings;

import io.github.panllama.bindings.gen.panllama_quantize_callback;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A listener as a {@code panllama_quantize_callback}. It is called on the thread that quantises, within the native call;
 * what it throws ends the work at the next tensor.
 */
public final class QuantizeUpcall extends Upcall {
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

    /** Made on first use: it needs native access. */
    private static final class Stub {
        static final MemorySegment SEGMENT =
                panllama_quantize_callback.allocate(QuantizeUpcall::dispatch, Arena.global());
    }

    private final Listener listener;

    /**
     * Makes the listener reachable from C until {@link #close}.
     *
     * @param listener whom to tell
     */
    public QuantizeUpcall(Listener listener) {
        this.listener = listener;
    }

    @Override
    public MemorySegment stub() {
        return Stub.SEGMENT;
    }

    private static boolean dispatch(MemorySegment text, MemorySegment userData) {
        return dispatch(userData, QuantizeUpcall.class, upcall -> {
            String message = Pointers.string(text);
            return upcall.listener.onMessage(message == null ? "" : message);
        });
    }
}
