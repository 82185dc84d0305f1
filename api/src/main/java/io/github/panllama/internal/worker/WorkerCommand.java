package io.github.panllama.internal.worker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a worker is started. Each method gives a changed copy.
 *
 * @param main its main class, of a module or jar that this JVM has too
 * @param arguments of the main method; other users of the machine can see them
 * @param heapBytes the most that its Java heap takes
 * @param jvmOptions further options of its JVM, which win over those that it has anyway
 * @param environment variables beside the few that it inherits
 * @param classPath further entries of its class path; with any, it uses the class path even where this JVM uses modules
 * @param launcher the {@code java} program; {@code null} for this JVM's own
 * @param crashFolder where reports of crashes are kept; {@code null} for {@code crashes} in the user's cache folder
 * @param startTimeout from its start until it is ready
 * @param closeTimeout from the end of this side's output until it is killed
 */
public record WorkerCommand(
        Class<?> main,
        List<String> arguments,
        long heapBytes,
        List<String> jvmOptions,
        Map<String, String> environment,
        List<Path> classPath,
        @Nullable Path launcher,
        @Nullable Path crashFolder,
        Duration startTimeout,
        Duration closeTimeout) {
    private static final long DEFAULT_HEAP_BYTES = 256L << 20;
    private static final long MIN_HEAP_BYTES = 16L << 20;
    private static final Duration DEFAULT_START = Duration.ofSeconds(30);
    private static final Duration DEFAULT_CLOSE = Duration.ofSeconds(5);

    /** Copies lists and maps, and checks the bounds. */
    public WorkerCommand {
        Objects.requireNonNull(main, "main");
        arguments = List.copyOf(arguments);
        jvmOptions = List.copyOf(jvmOptions);
        environment = Map.copyOf(environment);
        classPath = List.copyOf(classPath);
        if (heapBytes < MIN_HEAP_BYTES) {
            throw new IllegalArgumentException(
                    "a worker's heap of %d bytes; the least is %d".formatted(heapBytes, MIN_HEAP_BYTES));
        }
        requirePositive("startTimeout", startTimeout);
        requirePositive("closeTimeout", closeTimeout);
    }

    private static void requirePositive(String name, Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException("%s is %s; it must be more than nothing".formatted(name, duration));
        }
    }

    /** A command with 256 MiB of heap, 30 s to start and 5 s to end. */
    public static WorkerCommand of(Class<?> main) {
        return new WorkerCommand(
                main,
                List.of(),
                DEFAULT_HEAP_BYTES,
                List.of(),
                Map.of(),
                List.of(),
                null,
                null,
                DEFAULT_START,
                DEFAULT_CLOSE);
    }

    /** With these arguments. */
    public WorkerCommand arguments(List<String> value) {
        return new WorkerCommand(
                main,
                value,
                heapBytes,
                jvmOptions,
                environment,
                classPath,
                launcher,
                crashFolder,
                startTimeout,
                closeTimeout);
    }

    /** With a heap of at most so many bytes. */
    public WorkerCommand heap(long bytes) {
        return new WorkerCommand(
                main,
                arguments,
                bytes,
                jvmOptions,
                environment,
                classPath,
                launcher,
                crashFolder,
                startTimeout,
                closeTimeout);
    }

    /** With these options of its JVM. */
    public WorkerCommand jvmOptions(List<String> value) {
        return new WorkerCommand(
                main,
                arguments,
                heapBytes,
                value,
                environment,
                classPath,
                launcher,
                crashFolder,
                startTimeout,
                closeTimeout);
    }

    /** With these variables. */
    public WorkerCommand environment(Map<String, String> value) {
        return new WorkerCommand(
                main,
                arguments,
                heapBytes,
                jvmOptions,
                value,
                classPath,
                launcher,
                crashFolder,
                startTimeout,
                closeTimeout);
    }

    /** With these further entries of its class path. */
    public WorkerCommand classPath(List<Path> value) {
        return new WorkerCommand(
                main,
                arguments,
                heapBytes,
                jvmOptions,
                environment,
                value,
                launcher,
                crashFolder,
                startTimeout,
                closeTimeout);
    }

    /** With another {@code java}. */
    public WorkerCommand launcher(@Nullable Path value) {
        return new WorkerCommand(
                main,
                arguments,
                heapBytes,
                jvmOptions,
                environment,
                classPath,
                value,
                crashFolder,
                startTimeout,
                closeTimeout);
    }

    /** With another folder for reports of crashes. */
    public WorkerCommand crashFolder(@Nullable Path value) {
        return new WorkerCommand(
                main,
                arguments,
                heapBytes,
                jvmOptions,
                environment,
                classPath,
                launcher,
                value,
                startTimeout,
                closeTimeout);
    }

    /** With another time to start. */
    public WorkerCommand startTimeout(Duration value) {
        return new WorkerCommand(
                main,
                arguments,
                heapBytes,
                jvmOptions,
                environment,
                classPath,
                launcher,
                crashFolder,
                value,
                closeTimeout);
    }

    /** With another time to end. */
    public WorkerCommand closeTimeout(Duration value) {
        return new WorkerCommand(
                main,
                arguments,
                heapBytes,
                jvmOptions,
                environment,
                classPath,
                launcher,
                crashFolder,
                startTimeout,
                value);
    }
}
