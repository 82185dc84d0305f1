package io.github.panllama.engine;

import io.github.panllama.ContextOptions;
import io.github.panllama.MemoryPlan;
import io.github.panllama.ModelOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How an engine works. Every option has a default.
 *
 * <p><b>Threads.</b> Immutable; may be shared. A builder belongs to one thread.
 */
public final class EngineOptions {
    /** The most contexts of a model that an engine can have. */
    public static final int MAX_REPLICAS = 256;

    private static final int DEFAULT_SEQUENCES = 32;
    private static final int DEFAULT_QUEUE_CAPACITY = 1024;
    private static final int DEFAULT_READ_AHEAD = 256;
    private static final Duration DEFAULT_AGING = Duration.ofSeconds(5);
    private static final long DEFAULT_SESSION_MEMORY = 1L << 30;

    final int replicas;
    final int sequences;
    final @Nullable Integer contextSize;
    final @Nullable Integer batchSize;
    final int queueCapacity;
    final int readAhead;
    final @Nullable Integer samplingThreads;
    final DeviceSampling deviceSampling;
    final boolean prefixCache;
    final int predictedTokens;
    final Map<String, Path> adapters;
    final @Nullable Path draftModel;
    final Duration aging;
    final @Nullable Duration targetInterTokenLatency;
    final long sessionMemory;
    final @Nullable Path sessionFolder;
    final Consumer<ContextOptions.Builder> context;

    private EngineOptions(Builder builder) {
        replicas = builder.replicas;
        sequences = builder.sequences;
        contextSize = builder.contextSize;
        batchSize = builder.batchSize;
        queueCapacity = builder.queueCapacity;
        readAhead = builder.readAhead;
        samplingThreads = builder.samplingThreads;
        deviceSampling = builder.deviceSampling;
        prefixCache = builder.prefixCache;
        predictedTokens = builder.predictedTokens;
        adapters = Map.copyOf(builder.adapters);
        draftModel = builder.draftModel;
        aging = builder.aging;
        targetInterTokenLatency = builder.targetInterTokenLatency;
        sessionMemory = builder.sessionMemory;
        sessionFolder = builder.sessionFolder;
        context = builder.context;
    }

    /**
     * What an engine with these options will take of memory, its model included, found out without loading it. Where the
     * engine is yet to find out how it computes the fastest, the way that takes the most counts. Not counted are drafts,
     * layers that predict, and states of sessions ({@link Builder#sessionMemory}).
     *
     * @param file a GGUF file; of a model in several files, the first, beside the others
     * @param model how it is going to be loaded
     * @throws io.github.panllama.ModelLoadException if the file cannot be read or is malformed
     * @throws IllegalArgumentException if the options do not fit the model
     */
    public MemoryPlan memoryPlan(Path file, ModelOptions model) {
        return EngineMemory.plan(file, model, this);
    }

    /** The defaults. */
    public static EngineOptions defaults() {
        return builder().build();
    }

    /** A builder with the defaults set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options; each setter returns the builder. */
    public static final class Builder {
        private int replicas = 1;
        private int sequences = DEFAULT_SEQUENCES;
        private @Nullable Integer contextSize;
        private @Nullable Integer batchSize;
        private int queueCapacity = DEFAULT_QUEUE_CAPACITY;
        private int readAhead = DEFAULT_READ_AHEAD;
        private @Nullable Integer samplingThreads;
        private DeviceSampling deviceSampling = DeviceSampling.OFF;
        private boolean prefixCache = true;
        private int predictedTokens;
        private final Map<String, Path> adapters = new HashMap<>();
        private @Nullable Path draftModel;
        private Duration aging = DEFAULT_AGING;
        private @Nullable Duration targetInterTokenLatency;
        private long sessionMemory = DEFAULT_SESSION_MEMORY;
        private @Nullable Path sessionFolder;
        private Consumer<ContextOptions.Builder> context = options -> {};

        private Builder() {}

        /**
         * Contexts of each model, which compute beside each other, each on a thread of its own; 1 unless set. Together
         * they have more sequences than a context may have. A request goes where the fewest tokens are to be computed
         * yet, or where its prompt's beginning was computed lately; sessions move between them.
         *
         * <p>{@link #sequences}, {@link #contextSize} and {@link #batchSize} are of each replica, all other options of the
         * engine as a whole. On the CPU, replicas share the processors, and one is faster as a rule as long as it has
         * sequences enough.
         *
         * @param count from 1 to {@value #MAX_REPLICAS}
         */
        public Builder replicas(int count) {
            if (count < 1 || count > MAX_REPLICAS) {
                throw new IllegalArgumentException("replicas is %d, must be in [1, %d]".formatted(count, MAX_REPLICAS));
            }
            this.replicas = count;
            return this;
        }

        /**
         * The most generations that are computed at the same time, by each replica; the others wait. {@value #DEFAULT_SEQUENCES} unless
         * set; at most {@link io.github.panllama.Llama#maxSequences()}.
         */
        public Builder sequences(int sequences) {
            this.sequences = positive("sequences", sequences);
            return this;
        }

        /**
         * Tokens that the KV cache of a replica holds, of all its generations together. Without this, as many as all
         * sequences can use, 4096 each at most, as far as an eighth of the memory of this machine, or of its container, goes for all replicas, or a
         * quarter of what is free on the GPUs.
         *
         * <p>Where each sequence has a room of its own ({@link EngineTuning#unifiedKvCache} is false), it has an equal
         * part of that. This is so only where the part is 2048 tokens, or what the model was trained on, or more.
         */
        public Builder contextSize(int tokens) {
            this.contextSize = positive("contextSize", tokens);
            return this;
        }

        /**
         * The most tokens that are computed in one step; those of prompts are half of it at most where other requests
         * generate meanwhile. Larger steps let all wait for longer, and are no faster from some size on: unless set, 512 on
         * the CPU and 1,024 on a GPU, or four times the sequences where that is more.
         */
        public Builder batchSize(int tokens) {
            this.batchSize = positive("batchSize", tokens);
            return this;
        }

        /** Requests that may wait; one more is refused. {@value #DEFAULT_QUEUE_CAPACITY} unless set. */
        public Builder queueCapacity(int requests) {
            this.queueCapacity = positive("queueCapacity", requests);
            return this;
        }

        /** Chunks that may wait for a reader before its generation pauses; {@value #DEFAULT_READ_AHEAD} unless set. */
        public Builder readAhead(int chunks) {
            this.readAhead = positive("readAhead", chunks);
            return this;
        }

        /**
         * Threads that choose tokens on the host, the engine's own included; what is little stays on that. Unless set, as
         * many as compute a step, or beside a GPU as there are processors, up to eight.
         */
        public Builder samplingThreads(int threads) {
            this.samplingThreads = positive("samplingThreads", threads);
            return this;
        }

        /**
         * Where tokens are chosen; {@link DeviceSampling#OFF} unless set. A request whose stages the device cannot run
         * (see {@link io.github.panllama.LlamaContext#setDeviceSampler}), or that asks for logprobs, is sampled on the
         * host all the same; {@link EngineStats} tells how many tokens were. The likeliest tokens are the same ones,
         * random ones have the same distribution.
         *
         * <p>The default is not {@link DeviceSampling#AUTO}, because llama.cpp calls its device samplers experimental:
         * some of them are wrong or end the process where the host's are right (a greedy choice after top-k, a top-k
         * above the vocabulary, min-p of 1). That is guarded here, but was tried on the CPU alone, where it is slower;
         * and the release copies the logits to the host all the same.
         */
        public Builder deviceSampling(DeviceSampling sampling) {
            this.deviceSampling = Objects.requireNonNull(sampling, "sampling");
            return this;
        }

        /** Whether what was computed for one prompt serves others that begin alike; true unless set. */
        public Builder prefixCache(boolean reuse) {
            this.prefixCache = reuse;
            return this;
        }

        /**
         * Lets requests guess by the model's own layers for that, with {@link Speculation#multiToken}. The model must have
         * been loaded with {@link io.github.panllama.ModelOptions.Builder#multiTokenPrediction}. Those layers then compute
         * in every step, for all requests. Off unless set.
         *
         * @param mostTokens the most tokens to guess at a time, from 1 to {@value io.github.panllama.Drafter#MOST_TOKENS}
         */
        public Builder multiTokenPrediction(int mostTokens) {
            this.predictedTokens = positive("mostTokens", mostTokens);
            return this;
        }

        /**
         * Loads an adapter (LoRA) for the engine's model when it starts, which requests then ask for by its name:
         * {@link CompletionRequest.Builder#adapter}. It goes with the engine.
         *
         * @param name not blank; a second one of the same name takes the place of the first
         * @param file see {@link io.github.panllama.LoraAdapter#load}
         */
        public Builder adapter(String name, Path file) {
            if (name.isBlank()) {
                throw new IllegalArgumentException("The name of the adapter %s is blank".formatted(file));
            }
            adapters.put(name, Objects.requireNonNull(file, "file"));
            return this;
        }

        /**
         * Loads a smaller model with the same vocabulary when the engine starts, which guesses for requests that ask for
         * that: {@link Speculation#draftModel()}. It goes with the engine, and is on the GPU where the engine's model is.
         * None unless set.
         */
        public Builder draftModel(Path file) {
            this.draftModel = Objects.requireNonNull(file, "file");
            return this;
        }

        /** How long a request waits until its priority rises by one; 5 seconds unless set. */
        public Builder aging(Duration interval) {
            this.aging = positive("aging", interval);
            return this;
        }

        /**
         * How long it may take from one token of a generation to the next, at the 95th percentile. Steps are kept short
         * enough for that: prompts are computed in smaller pieces, and fewer generations run at the same time. Without
         * this, a step computes as much as there is.
         */
        public Builder targetInterTokenLatency(Duration target) {
            this.targetInterTokenLatency = positive("targetInterTokenLatency", target);
            return this;
        }

        /**
         * Host memory, outside the Java heap, for what was computed of sessions that are not in the KV cache at the
         * moment; 1 GiB unless set. What does not fit goes to the {@link #sessionFolder}, or is computed again where
         * there is none.
         *
         * @param bytes 0 or more
         */
        public Builder sessionMemory(long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("sessionMemory is %d, must not be negative".formatted(bytes));
            }
            this.sessionMemory = bytes;
            return this;
        }

        /**
         * Where sessions go for which there is no memory, and where they are found after the engine's end; none unless
         * set. It is made, for its owner alone, if it is not there, and serves one engine at a time. One that others may
         * write to, its group included, that belongs to another user, or that is a link is refused, since native code
         * reads what is in it.
         */
        public Builder sessionFolder(Path folder) {
            this.sessionFolder = Objects.requireNonNull(folder, "folder");
            return this;
        }

        /**
         * What else the context shall have, such as the type of the KV cache. Sizes are the engine's. Threads, flash
         * attention and whether the KV cache is unified are measured unless they are set here.
         */
        public Builder context(Consumer<ContextOptions.Builder> settings) {
            this.context = Objects.requireNonNull(settings, "settings");
            return this;
        }

        /** The options as set so far. */
        public EngineOptions build() {
            return new EngineOptions(this);
        }

        private static int positive(String what, int value) {
            if (value <= 0) {
                throw new IllegalArgumentException("%s is %d, must be positive".formatted(what, value));
            }
            return value;
        }

        private static Duration positive(String what, Duration value) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException("%s is %s, must be positive".formatted(what, value));
            }
            return value;
        }
    }
}
