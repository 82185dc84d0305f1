package io.github.panllama.engine;

import io.github.panllama.ModelOptions;
import io.github.panllama.ProgressListener;
import io.github.panllama.internal.OptionCodecs;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.WorkerCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How an engine works in a process of its own, and the process. Every option has a default.
 *
 * <p><b>Threads.</b> Immutable; may be shared. A builder belongs to one thread.
 */
public final class IsolatedOptions {
    private static final int DEFAULT_CRASHES = 3;
    private static final Duration DEFAULT_WINDOW = Duration.ofMinutes(1);
    private static final Duration DEFAULT_HANG_TIMEOUT = Duration.ofMinutes(5);
    private static final Duration LEAST_HANG_TIMEOUT = Duration.ofSeconds(1);

    final ModelOptions model;
    final @Nullable List<String> devices;
    final EngineOptions engine;
    final int crashLimit;
    final Duration crashWindow;
    final Duration hangTimeout;
    private final @Nullable ProgressListener progress;
    private final @Nullable Long heapBytes;
    private final List<String> jvmOptions;
    private final @Nullable Path launcher;
    private final @Nullable Path crashFolder;
    private final @Nullable Duration startTimeout;

    private IsolatedOptions(Builder builder) {
        model = builder.model;
        devices = builder.devices;
        engine = builder.engine;
        crashLimit = builder.crashLimit;
        crashWindow = builder.crashWindow;
        hangTimeout = builder.hangTimeout;
        progress = builder.progress;
        heapBytes = builder.heapBytes;
        jvmOptions = builder.jvmOptions;
        launcher = builder.launcher;
        crashFolder = builder.crashFolder;
        startTimeout = builder.startTimeout;
    }

    /** The defaults. */
    public static IsolatedOptions defaults() {
        return builder().build();
    }

    /** A builder with the defaults set. */
    public static Builder builder() {
        return new Builder();
    }

    /** How a worker is started. */
    WorkerCommand command(Class<?> main) {
        WorkerCommand command =
                WorkerCommand.of(main).jvmOptions(jvmOptions).launcher(launcher).crashFolder(crashFolder);
        command = heapBytes == null ? command : command.heap(heapBytes);
        return startTimeout == null ? command : command.startTimeout(startTimeout);
    }

    /** Writes what the worker is to know. */
    void write(FrameWriter out) {
        out.putBoolean(devices != null);
        if (devices != null) {
            out.putStrings(devices);
        }
        OptionCodecs.<ModelOptions, Object>of(ModelOptions.class).write(model, out);
        EngineOptionsCodec.write(engine, out);
    }

    boolean reportsProgress(float fraction) {
        return progress == null || progress.onProgress(fraction);
    }

    /** Collects options; each setter returns the builder. */
    public static final class Builder {
        private ModelOptions model = ModelOptions.defaults();
        private @Nullable List<String> devices;
        private EngineOptions engine = EngineOptions.defaults();
        private @Nullable ProgressListener progress;
        private @Nullable Long heapBytes;
        private List<String> jvmOptions = List.of();
        private @Nullable Path launcher;
        private @Nullable Path crashFolder;
        private @Nullable Duration startTimeout;
        private int crashLimit = DEFAULT_CRASHES;
        private Duration crashWindow = DEFAULT_WINDOW;
        private Duration hangTimeout = DEFAULT_HANG_TIMEOUT;

        private Builder() {}

        /**
         * How to load the model, but for the {@linkplain #progress progress}. Devices go by their names, which are the
         * same in all processes of a machine: {@link #devices} takes the names themselves.
         */
        public Builder model(ModelOptions options) {
            this.model = Objects.requireNonNull(options, "options");
            return this;
        }

        /**
         * The GPUs that may hold layers, in order, by their {@linkplain io.github.panllama.Device#name names}, so that this
         * process need not load a native library; instead of those that {@link #model} has. None means the CPU alone.
         */
        public Builder devices(List<String> names) {
            this.devices = List.copyOf(names);
            return this;
        }

        /** How the engine works. */
        public Builder engine(EngineOptions options) {
            this.engine = Objects.requireNonNull(options, "options");
            return this;
        }

        /** Told, in this process, how far the first load has come, and able to cancel it. */
        public Builder progress(ProgressListener listener) {
            this.progress = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * The most that the worker's Java heap may take; 256 MiB unless set. Weights and the KV cache are no part of it.
         *
         * @param bytes 16 MiB or more
         */
        public Builder workerHeap(long bytes) {
            long least = 16L << 20;
            if (bytes < least) {
                throw new IllegalArgumentException(
                        "workerHeap is %d bytes, must be at least %d".formatted(bytes, least));
            }
            this.heapBytes = bytes;
            return this;
        }

        /** Further options of the worker's JVM; none unless set. */
        public Builder workerJvmOptions(List<String> options) {
            this.jvmOptions = List.copyOf(options);
            return this;
        }

        /** The {@code java} program that runs the worker; this JVM's own unless set. Some runtime images have none. */
        public Builder workerLauncher(Path java) {
            this.launcher = Objects.requireNonNull(java, "java");
            return this;
        }

        /** Where reports of crashes are kept; {@code crashes} in panllama's cache folder unless set. */
        public Builder crashFolder(Path folder) {
            this.crashFolder = Objects.requireNonNull(folder, "folder");
            return this;
        }

        /** How long the worker's process may take until it is connected, before it loads anything; 30 s unless set. */
        public Builder startTimeout(Duration timeout) {
            if (timeout.isNegative() || timeout.isZero()) {
                throw new IllegalArgumentException("startTimeout is %s, must be positive".formatted(timeout));
            }
            this.startTimeout = timeout;
            return this;
        }

        /**
         * When a worker counts as hung, is ended by force, and as crashed: when its process has been silent for this long,
         * or its engine's thread has computed for this long and neither a step has ended nor the CPU has begun another
         * operation of one. Five minutes unless set, which no step takes on a CPU, nor on a GPU whose driver compiles kernels
         * in it. Time in which this process does not run either is not counted.
         *
         * @param timeout one second or more; {@link Duration#ZERO} to wait for ever
         */
        public Builder hangTimeout(Duration timeout) {
            if (!timeout.isZero() && timeout.compareTo(LEAST_HANG_TIMEOUT) < 0) {
                throw new IllegalArgumentException("hangTimeout is %s, must be zero or at least %d s"
                        .formatted(timeout, LEAST_HANG_TIMEOUT.toSeconds()));
            }
            this.hangTimeout = timeout;
            return this;
        }

        /**
         * When no further worker is started: after this many crashes in a row, without a completed request between them.
         * The engine has then failed for good. {@value IsolatedOptions#DEFAULT_CRASHES}, each within a minute, unless set.
         *
         * @param crashes 1 or more; with 1, a crashed worker is not followed by another one
         * @param within a worker that has served for longer than this begins a new row with its crash
         */
        public Builder crashLimit(int crashes, Duration within) {
            if (crashes < 1) {
                throw new IllegalArgumentException("crashes is %d, must be positive".formatted(crashes));
            }
            if (within.isNegative() || within.isZero()) {
                throw new IllegalArgumentException("within is %s, must be positive".formatted(within));
            }
            this.crashLimit = crashes;
            this.crashWindow = within;
            return this;
        }

        /** The options as set so far. */
        public IsolatedOptions build() {
            return new IsolatedOptions(this);
        }
    }
}
