package io.github.panllama.internal.worker;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A worker did not start, or ended before it was ready. Nothing of it is left. */
public final class WorkerStartException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable WorkerExit exit;

    WorkerStartException(String message, @Nullable WorkerExit exit, @Nullable Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    /** {@return how its process ended; {@code null} if there was none} */
    public @Nullable WorkerExit exit() {
        return exit;
    }
}
