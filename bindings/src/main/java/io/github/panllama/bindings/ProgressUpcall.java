package io.github.panllama.bindings;

import io.github.panllama.bindings.gen.llama_progress_callback;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A listener as a {@code llama_progress_callback}. It is called on the thread that loads, within the native call; what it
 * throws stops the load.
 */
public final class ProgressUpcall extends Upcall {
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

    /** Made on first use: it needs native access. */
    private static final class Stub {
        static final MemorySegment SEGMENT = llama_progress_callback.allocate(ProgressUpcall::dispatch, Arena.global());
    }

    private final Listener listener;

    /**
     * Makes the listener reachable from C until {@link #close}.
     *
     * @param listener whom to tell
     */
    public ProgressUpcall(Listener listener) {
        this.listener = listener;
    }

    @Override
    public MemorySegment stub() {
        return Stub.SEGMENT;
    }

    private static boolean dispatch(float fraction, MemorySegment userData) {
        return dispatch(userData, ProgressUpcall.class, upcall -> upcall.listener.onProgress(fraction));
    }
}
