package io.github.panllama;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The in-use mark of an object that one thread may use at a time. It costs one atomic write a call and turns what would
 * be memory corruption into an exception.
 */
final class Owner {
    private static final VarHandle THREAD;

    static {
        try {
            THREAD = MethodHandles.lookup().findVarHandle(Owner.class, "thread", Thread.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The time in which the object is in use. */
    interface Use extends AutoCloseable {
        @Override
        void close();
    }

    private final String what;
    private final Use use = this::exit;

    @SuppressWarnings("unused") // through THREAD
    private volatile @Nullable Thread thread;

    Owner(String what) {
        this.what = what;
    }

    /** Marks the object as in use by this thread; {@code IllegalStateException} when it is in use already. */
    void enter() {
        Thread other = (Thread) THREAD.compareAndExchangeAcquire(this, null, Thread.currentThread());
        if (other != null) {
            throw new IllegalStateException(what + " is in use by "
                    + (other == Thread.currentThread() ? "this thread" : other) + "; it serves one call at a time");
        }
    }

    /** As {@link #enter}, for the length of a {@code try}. */
    Use use() {
        enter();
        return use;
    }

    void exit() {
        THREAD.setRelease(this, null);
    }
}
