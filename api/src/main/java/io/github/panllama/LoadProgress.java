package io.github.panllama;

import io.github.panllama.bindings.ProgressUpcall;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** Carries a load's progress to a listener, and remembers whether the listener ended it. */
final class LoadProgress implements AutoCloseable {
    private final @Nullable ProgressUpcall upcall;
    private volatile boolean cancelled;

    LoadProgress(@Nullable ProgressListener listener) {
        upcall = listener == null
                ? null
                : new ProgressUpcall(fraction -> {
                    boolean goOn = listener.onProgress(fraction);
                    cancelled |= !goOn;
                    return goOn;
                });
    }

    @Nullable
    ProgressUpcall upcall() {
        return upcall;
    }

    /** After a load that failed: throws what the listener threw, or that it cancelled. */
    void rethrow(String name) {
        if (upcall != null) {
            upcall.rethrow();
        }
        if (cancelled) {
            throw new CancellationException("Loading " + name + " was cancelled by its progress listener");
        }
    }

    @Override
    public void close() {
        if (upcall != null) {
            upcall.close();
        }
    }
}
