package io.github.panllama.bindings;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A listener that C can call until {@link #close}. All listeners of a kind share one upcall stub, which finds its
 * listener by the id in {@code user_data}; a callback that comes later is answered with "stop".
 *
 * <p>No exception may leave an upcall: what a listener throws is answered with "stop" too, from then on, and kept for
 * {@link #rethrow}.
 */
abstract sealed class Upcall implements AutoCloseable permits ProgressUpcall, QuantizeUpcall {
    private static final Map<Long, Upcall> LIVE = new ConcurrentHashMap<>();
    private static final AtomicLong IDS = new AtomicLong();

    private final long id = IDS.incrementAndGet();
    private volatile @Nullable Throwable thrown;

    /** Makes this reachable from C, which calls nothing before it was given {@link #userData}. */
    Upcall() {
        LIVE.put(id, this);
    }

    /** {@return the function pointer for C} */
    public abstract MemorySegment stub();

    /** {@return what goes beside it as {@code user_data}} */
    public final MemorySegment userData() {
        return MemorySegment.ofAddress(id);
    }

    /** Throws what the listener threw, if it did. Called after the native call has returned. */
    public final void rethrow() {
        switch (thrown) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException("the listener threw", e);
        }
    }

    @Override
    public final void close() {
        LIVE.remove(id);
    }

    /**
     * What a stub does.
     *
     * @param userData as C passes it on
     * @param kind the class whose stub it is
     * @param call asks the listener whether to go on
     * @return whether to go on
     */
    static <U extends Upcall> boolean dispatch(MemorySegment userData, Class<U> kind, Predicate<U> call) {
        Upcall upcall = LIVE.get(userData.address());
        if (upcall == null || upcall.thrown != null) {
            return false;
        }
        try {
            return call.test(kind.cast(upcall));
        } catch (Throwable e) {
            upcall.thrown = e;
            return false;
        }
    }
}
