package io.github.panllama.internal.worker;

import io.github.panllama.bindings.process.CrashReport;
import io.github.panllama.bindings.process.ExitStatus;
import io.github.panllama.bindings.process.OutputTail;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A worker's process: what it prints is kept and logged, and its end is told.
 *
 * <p><b>Threads.</b> Any. One of its own reads what the process prints, and ends with it.
 */
final class ChildWatch {
    private static final Logger LOGGER = System.getLogger("io.github.panllama.worker");
    private static final int KEPT_LINES = 200;
    private static final int KILLED = 128 + 9;
    private static final long JOIN_MILLIS = 1_000;
    private static final Duration AFTER_KILL = Duration.ofSeconds(10);

    private final Process process;
    private final Path crashFile;
    private final Path crashFolder;
    private final OutputTail tail;
    private final CompletableFuture<WorkerExit> exit = new CompletableFuture<>();
    private final Thread thread;
    private volatile boolean killed;

    private ChildWatch(Process process, Path crashFile, Path crashFolder) {
        this.process = process;
        this.crashFile = crashFile;
        this.crashFolder = crashFolder;
        this.tail = new OutputTail(
                KEPT_LINES, line -> LOGGER.log(Level.DEBUG, () -> "[worker " + process.pid() + "] " + line));
        this.thread = Thread.ofPlatform().name("panllama-worker-log").daemon().unstarted(this::run);
    }

    /**
     * Begins to watch.
     *
     * @param crashFile where its JVM reports a crash
     * @param crashFolder where such a report is kept
     */
    static ChildWatch start(Process process, Path crashFile, Path crashFolder) {
        ChildWatch watch = new ChildWatch(process, crashFile, crashFolder);
        watch.thread.start();
        return watch;
    }

    private void run() {
        try {
            tail.readAll(process.getInputStream());
            int code = process.waitFor();
            Path report = CrashFiles.keep(crashFile, crashFolder, process.pid());
            exit.complete(exitOf(code, report));
        } catch (InterruptedException | RuntimeException | Error e) {
            exit.completeExceptionally(e);
        }
    }

    private WorkerExit exitOf(int code, @Nullable Path report) {
        ExitStatus status = new ExitStatus(code, report == null ? null : CrashReport.signal(report));
        // Windows has no signals: an ended process has the code that it is ended with, 1.
        boolean byForce = killed && report == null && (code == KILLED || status.signal() == null);
        return new WorkerExit(process.pid(), status, tail.lines(), report, byForce);
    }

    Process process() {
        return process;
    }

    List<String> lastLines() {
        return tail.lines();
    }

    CompletableFuture<WorkerExit> exit() {
        return exit;
    }

    void kill() {
        if (process.isAlive()) {
            killed = true;
            process.destroyForcibly();
        }
    }

    /**
     * Waits for the end, and kills the process when the time is over or the thread is interrupted, which it then is
     * again.
     */
    WorkerExit end(Duration timeout) {
        WorkerExit orderly = await(timeout);
        if (orderly == null) {
            kill();
        }
        boolean interrupted = Thread.interrupted();
        WorkerExit ended = orderly == null ? await(AFTER_KILL) : orderly;
        closeInput();
        interrupted |= joinBriefly();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (ended == null) {
            LOGGER.log(Level.WARNING, () -> "the process %d is killed, and does not end".formatted(process.pid()));
            return exitOf(KILLED, null);
        }
        return ended;
    }

    /** Returns whether this thread was interrupted meanwhile. */
    private boolean joinBriefly() {
        try {
            thread.join(JOIN_MILLIS);
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    private @Nullable WorkerExit await(Duration timeout) {
        try {
            return exit.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the worker's process cannot be watched", e.getCause());
        }
    }

    /** Tells the worker that what ends now is the channel, and not this process. */
    void takeLeave() {
        try {
            OutputStream input = process.getOutputStream();
            input.write('\n');
            input.flush();
        } catch (IOException e) {
            // It has ended before, or was told before.
        }
    }

    private void closeInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // The process is gone, and the pipe with it.
        }
    }
}
