package io.github.panllama.internal.worker;

import io.github.panllama.bindings.CacheFolder;
import io.github.panllama.bindings.NativeJars;
import io.github.panllama.bindings.NativeLoadException;
import io.github.panllama.bindings.NativeRuntime;
import io.github.panllama.bindings.process.ChildJvm;
import io.github.panllama.bindings.process.CodePath;
import io.github.panllama.bindings.process.JavaLauncher;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A child JVM and the channel to it. The channel is a Unix-domain socket in a folder of its own, and only the process that
 * was started has the token to open it. The child ends with this process, however this one ends.
 *
 * <p><b>Threads.</b> Any, but {@link #end} and {@link #close} not on the channel's own. A worker that has crashed has to
 * be closed too: its folder goes then.
 */
public final class WorkerProcess implements AutoCloseable {
    private final WorkerFolder folder;
    private final ChildWatch child;
    private final FrameChannel channel;
    private final Duration closeTimeout;

    private WorkerProcess(WorkerFolder folder, ChildWatch child, FrameChannel channel, Duration closeTimeout) {
        this.folder = folder;
        this.child = child;
        this.channel = channel;
        this.closeTimeout = closeTimeout;
    }

    /**
     * Starts a worker, and waits until it is connected.
     *
     * @param command how
     * @return the worker; its channel is not read yet
     * @throws WorkerStartException if it cannot be started, ends before it is connected, or takes too long
     * @throws InterruptedIOException if the thread is interrupted
     * @throws IOException if no folder for it can be made
     */
    public static WorkerProcess start(WorkerCommand command) throws IOException {
        long deadline = System.nanoTime() + command.startTimeout().toNanos();
        WorkerFolder folder = WorkerFolder.create();
        boolean started = false;
        try (WorkerListener listener = WorkerListener.bind(folder.socket())) {
            ChildWatch child = launch(command, folder);
            try {
                FrameChannel channel = connect(command, folder, listener, child, deadline);
                WorkerProcess worker = new WorkerProcess(folder, child, channel, command.closeTimeout());
                started = true;
                return worker;
            } finally {
                if (!started) {
                    child.kill();
                    child.end(command.closeTimeout());
                }
            }
        } finally {
            if (!started) {
                folder.close();
            }
        }
    }

    private static ChildWatch launch(WorkerCommand command, WorkerFolder folder) throws WorkerStartException {
        try {
            Path launcher = command.launcher() == null ? JavaLauncher.find() : command.launcher();
            CodePath code = CodePath.of(
                    command.main(),
                    List.of(WorkerProcess.class, NativeRuntime.class),
                    NativeJars.roots(),
                    command.classPath(),
                    NativeRuntime.class);
            ProcessBuilder builder = new ChildJvm(
                            launcher,
                            command.heapBytes(),
                            folder.crashFile(),
                            command.jvmOptions(),
                            code,
                            command.arguments())
                    .builder();
            builder.environment().putAll(command.environment());
            Path named = command.crashFolder();
            Path crashFolder = named == null ? CacheFolder.ofUser().resolve("crashes") : named;
            return ChildWatch.start(builder.start(), folder.crashFile(), crashFolder);
        } catch (IOException | NativeLoadException e) {
            throw new WorkerStartException("a worker cannot be started: " + e.getMessage(), null, e);
        }
    }

    private static FrameChannel connect(
            WorkerCommand command, WorkerFolder folder, WorkerListener listener, ChildWatch child, long deadline)
            throws IOException {
        String token = Hello.newToken();
        try {
            // Left open: its end tells the worker that this process is gone.
            OutputStream input = child.process().getOutputStream();
            input.write((folder.socket() + "\n" + token + "\n").getBytes(StandardCharsets.UTF_8));
            input.flush();
        } catch (IOException e) {
            // It has ended already; the listener notices, and there is more to tell then.
        }
        SocketChannel socket = listener.accept(token, child.process(), deadline);
        if (socket != null) {
            return new FrameChannel(socket);
        }
        boolean late = child.process().isAlive();
        child.kill();
        WorkerExit exit = child.end(command.closeTimeout());
        String what = late
                ? "a worker was not ready after %d s"
                        .formatted(command.startTimeout().toSeconds())
                : "a worker ended before it was ready: " + exit.description();
        throw new WorkerStartException(
                what + (exit.lastLines().isEmpty() ? "" : ". Its last lines: " + String.join("; ", lastOf(exit))),
                exit,
                null);
    }

    private static List<String> lastOf(WorkerExit exit) {
        List<String> lines = exit.lastLines();
        return lines.subList(Math.max(0, lines.size() - 10), lines.size());
    }

    /** {@return the channel to it; {@link FrameChannel#start} begins to read it} */
    public FrameChannel channel() {
        return channel;
    }

    /** {@return the number of its process} */
    public long pid() {
        return child.process().pid();
    }

    /** {@return whether its process runs} */
    public boolean isAlive() {
        return child.process().isAlive();
    }

    /** {@return how it ended, once it has; nobody but this class completes it} */
    public CompletableFuture<WorkerExit> onExit() {
        return child.exit().copy();
    }

    /** {@return the last 200 lines that it printed so far, each cut after 4,096 bytes} */
    public List<String> lastLines() {
        return child.lastLines();
    }

    /** Ends it by force, without waiting for its end. */
    public void kill() {
        child.kill();
    }

    /**
     * Ends this side's output, waits for the worker to end by itself, kills it when that takes longer than the command
     * allows or the thread is interrupted, and takes its folder away. May be called again, by any thread.
     *
     * @return how it ended
     */
    public synchronized WorkerExit end() {
        child.takeLeave();
        try {
            channel.endOutput();
        } catch (IOException e) {
            // It does not read any more; then it ends, or is ended.
        }
        try {
            return child.end(closeTimeout);
        } finally {
            channel.close();
            folder.close();
        }
    }

    /** The same as {@link #end}, for nobody who asks. */
    @Override
    public void close() {
        end();
    }
}
