package io.github.panllama;

import io.github.panllama.bindings.Pointers;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Owner of one native object: its pointer, how it is freed, and the objects that must outlive it.
 *
 * <p>A handle is closed once for its user and freed when neither the user nor a child needs it any more, so parents and
 * children may be closed in any order. Using a closed handle throws. A handle that is never closed is freed when it
 * becomes unreachable, with a warning that shows where it was made.
 *
 * <p><b>Threads.</b> Every method may be called from any thread. Freeing waits for native calls that are using the
 * pointer at that moment.
 */
final class Handle {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final System.Logger LOG = System.getLogger("io.github.panllama");

    private final State state;
    private final Cleaner.Cleanable cleanable;

    private Handle(State state) {
        this.state = state;
        this.cleanable = CLEANER.register(this, state);
    }

    /**
     * Takes ownership of {@code pointer}.
     *
     * @param what the object's name in messages
     * @param free the native function that frees it
     * @param parents handles that must not be freed before this one
     */
    @SuppressWarnings("MustBeClosed") // the handle closes it
    static Handle adopt(String what, MemorySegment pointer, Consumer<MemorySegment> free, Handle... parents) {
        Arena arena = Arena.ofShared();
        State state = new State(what, arena, Pointers.adopt(pointer, arena, free));
        try {
            for (Handle parent : parents) {
                state.keep(parent.state);
            }
        } catch (IllegalStateException parentClosed) {
            state.release();
            throw parentClosed;
        }
        return new Handle(state);
    }

    /** Owner of memory that Java allocates: {@link #arena()}. */
    @SuppressWarnings("MustBeClosed") // the handle closes it
    static Handle memory(String what) {
        return new Handle(new State(what, Arena.ofShared(), MemorySegment.NULL));
    }

    /** For memory that is to live as long as the object. */
    Arena arena() {
        return state.arena;
    }

    /** The native pointer. {@code IllegalStateException} once closed. */
    MemorySegment pointer() {
        if (state.closed) {
            throw new IllegalStateException(state.what + " is closed");
        }
        return state.pointer;
    }

    /** A pointer into this object: a native call that uses it keeps the object from being freed until it returns. */
    MemorySegment inside(MemorySegment pointer) {
        return Pointers.view(pointer, 0, state.arena);
    }

    /** {@code bytes} of native memory that belong to this object: reading it fails once the object is freed. */
    MemorySegment view(MemorySegment pointer, long bytes) {
        return Pointers.view(pointer, bytes, state.arena);
    }

    /** Keeps the object alive until the hold is closed: while a child is made of it, which keeps it itself then. */
    Hold hold() {
        state.hold();
        return state::release;
    }

    /** See {@link #hold}. */
    interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /** Keeps {@code other} alive as long as this object. */
    void keep(Handle other) {
        state.keep(other.state);
    }

    /** Undoes one {@link #keep}. */
    void release(Handle other) {
        state.release(other.state);
    }

    boolean isClosed() {
        return state.closed;
    }

    /** Closes the handle for its user; frees the object unless a child still needs it. Later calls do nothing. */
    void close() {
        state.closedByUser = true;
        cleanable.clean();
    }

    /** What must be reachable without the handle, so that the cleaner can run. */
    private static final class State implements Runnable {
        final String what;
        final Arena arena;
        final MemorySegment pointer;
        final Throwable madeAt;
        final List<State> parents = new ArrayList<>();
        volatile boolean closed;
        volatile boolean closedByUser;
        private int users = 1;

        State(String what, Arena arena, MemorySegment pointer) {
            this.what = what;
            this.arena = arena;
            this.pointer = pointer;
            this.madeAt = new Throwable(what + " was made here");
        }

        synchronized void hold() {
            if (users == 0) {
                throw new IllegalStateException(what + " is closed");
            }
            users++;
        }

        synchronized void keep(State parent) {
            parent.hold();
            parents.add(parent);
        }

        synchronized void release(State parent) {
            if (parents.remove(parent)) {
                parent.release();
            }
        }

        /** Runs once: on the first close, or from the cleaner. */
        @Override
        public void run() {
            closed = true;
            if (!closedByUser) {
                LOG.log(Level.WARNING, () -> what + " was never closed; it is freed now", madeAt);
            }
            release();
        }

        private void release() {
            synchronized (this) {
                if (--users > 0) {
                    return;
                }
            }
            free();
            // Children before parents, as C wants it; the list is final once nobody uses this object.
            for (State parent : parents) {
                parent.release();
            }
        }

        /** Frees the object. A shared arena refuses to close while a native call holds its memory: wait for it. */
        private void free() {
            boolean interrupted = false;
            while (true) {
                try {
                    arena.close();
                    break;
                } catch (IllegalStateException inUse) {
                    if (!arena.scope().isAlive()) {
                        throw inUse;
                    }
                    // An interrupted thread would not sleep.
                    interrupted |= Thread.interrupted();
                    LockSupport.parkNanos(50_000);
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
