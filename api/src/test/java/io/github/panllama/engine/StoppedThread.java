package io.github.panllama.engine;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One thread of a child process that goes no further, while the others do, as in a native call without an end. It is held
 * until its process is killed. Linux has no signal for that: a debugger's request does it.
 */
final class StoppedThread {
    private static final int SEIZE = 0x4206;
    private static final int INTERRUPT = 0x4207;
    private static final int ALL_THREADS = 0x40000000;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle PTRACE =
            handle("ptrace", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS), 1);
    private static final MethodHandle WAITPID =
            handle("waitpid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT), -1);

    private final CompletableFuture<Boolean> stopped = new CompletableFuture<>();
    private final Thread tracer;

    private StoppedThread(int thread) {
        tracer = Thread.ofPlatform().daemon().name("test-tracer").start(() -> hold(thread));
    }

    /** Stops the thread of that name; what is named longer than 15 characters goes by the first 15. */
    static StoppedThread of(ProcessHandle process, String name) throws IOException {
        StoppedThread thread = new StoppedThread(id(process, name));
        if (!thread.stopped.join()) {
            throw new IOException("The thread cannot be traced");
        }
        return thread;
    }

    private static int id(ProcessHandle process, String name) throws IOException {
        List<Path> tasks;
        try (var all = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            tasks = all.toList();
        }
        for (Path task : tasks) {
            if (Files.readString(task.resolve("comm")).strip().equals(name)) {
                return Integer.parseInt(task.getFileName().toString());
            }
        }
        throw new IOException("There is no thread " + name);
    }

    /** All requests have to come from one thread. */
    private void hold(int thread) {
        MemorySegment none = MemorySegment.NULL;
        try {
            boolean held = (long) PTRACE.invokeExact(SEIZE, thread, none, none) == 0
                    && (long) PTRACE.invokeExact(INTERRUPT, thread, none, none) == 0
                    && (int) WAITPID.invokeExact(thread, none, ALL_THREADS) == thread;
            stopped.complete(held);
            if (held) {
                int _ = (int) WAITPID.invokeExact(thread, none, ALL_THREADS); // it is killed
            }
        } catch (Throwable e) {
            stopped.completeExceptionally(e);
        }
    }

    /** Waits until the thread, and with it its process, has been killed. */
    void awaitEnd() throws InterruptedException {
        tracer.join();
    }

    private static MethodHandle handle(String name, FunctionDescriptor type, int variadicFrom) {
        MemorySegment address = LINKER.defaultLookup().findOrThrow(name);
        return variadicFrom < 0
                ? LINKER.downcallHandle(address, type)
                : LINKER.downcallHandle(address, type, Linker.Option.firstVariadicArg(variadicFrom));
    }
}
