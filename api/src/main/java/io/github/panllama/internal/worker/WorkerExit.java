package io.github.panllama.internal.worker;

import io.github.panllama.bindings.process.ExitStatus;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a worker's process ended.
 *
 * @param pid the number that its process had
 * @param status its exit code or signal
 * @param lastLines what it printed last, the native log's warnings among it, in order
 * @param crashFile where the JVM's report of the crash is kept; {@code null} if there is none, as after SIGKILL
 * @param byForce whether this side killed it
 */
public record WorkerExit(
        long pid,
        ExitStatus status,
        List<String> lastLines,
        @Nullable Path crashFile,
        boolean byForce) {
    /** Copies the lines. */
    public WorkerExit {
        lastLines = List.copyOf(lastLines);
    }

    /** {@return whether it ended by itself, and as it should} */
    public boolean isOrderly() {
        return status.code() == 0 && !byForce;
    }

    /** {@return the exit code; 128 and the signal's number where one ended it} */
    public int code() {
        return status.code();
    }

    /** {@return the signal's name, such as {@code SIGSEGV}; {@code null} if there was none} */
    public @Nullable String signal() {
        return status.signal();
    }

    /** {@return what happened, in one sentence without a full stop} */
    public String description() {
        String process = "the worker (process %d) ".formatted(pid);
        if (byForce) {
            return process + "was ended by force";
        }
        return process + status.description() + (crashFile == null ? "" : "; its JVM reports in " + crashFile);
    }
}
