package io.github.panllama;

import io.github.panllama.internal.OptionCodecs;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How to make a {@link LlamaContext}. What is not set keeps the native library's own default
 * ({@code llama_context_default_params}), with two exceptions: the context is as long as the model was trained for, up
 * to {@value #DEFAULT_CONTEXT_LIMIT} tokens, and threads are half of the processors, which are the physical cores of
 * most machines.
 *
 * <p><b>Threads.</b> Immutable; may be shared. A builder belongs to one thread.
 */
public final class ContextOptions {
    static {
        OptionCodecs.register(ContextOptions.class, new ContextOptionsCodec());
    }

    /** For {@link Builder#contextSize}: as long as the model was trained for. */
    public static final int TRAINING_CONTEXT = 0;

    /** What {@link ContextSize#AUTO} is among numbers of tokens. */
    static final int FITTING_CONTEXT = -1;

    /** The largest {@link Builder#contextSize}, in tokens. */
    public static final int MAX_CONTEXT_SIZE = 1 << 30;

    /** The largest {@link Builder#batchSize}, in tokens. */
    public static final int MAX_BATCH_SIZE = 1 << 20;

    static final int DEFAULT_CONTEXT_LIMIT = 4096;

    final @Nullable Integer contextSize;
    final @Nullable Integer batchSize;
    final @Nullable Integer microBatchSize;
    final @Nullable Integer maxSequences;
    final @Nullable Integer recurrentSnapshots;
    final @Nullable Integer threads;
    final @Nullable Integer batchThreads;
    final @Nullable FlashAttention flashAttention;
    final @Nullable KvCacheType keyCacheType;
    final @Nullable KvCacheType valueCacheType;
    final @Nullable Boolean unifiedKvCache;
    final @Nullable Boolean fullSlidingWindowCache;
    final @Nullable Boolean offloadKvCache;
    final @Nullable Boolean offloadOperations;
    final @Nullable RopeScaling ropeScaling;
    final @Nullable Float ropeFrequencyBase;
    final @Nullable Float ropeFrequencyScale;
    final @Nullable Yarn yarn;
    final @Nullable PoolingType pooling;
    final @Nullable AttentionType attention;
    final @Nullable Boolean embeddings;
    final @Nullable Boolean performanceCounters;

    /** The four factors of YaRN and the context size it starts from; a negative factor is the model's own. */
    record Yarn(float extrapolation, float attention, float betaFast, float betaSlow, int originalContextSize) {}

    private ContextOptions(Builder builder) {
        contextSize = builder.contextSize;
        batchSize = builder.batchSize;
        microBatchSize = builder.microBatchSize;
        maxSequences = builder.maxSequences;
        recurrentSnapshots = builder.recurrentSnapshots;
        threads = builder.threads;
        batchThreads = builder.batchThreads;
        flashAttention = builder.flashAttention;
        keyCacheType = builder.keyCacheType;
        valueCacheType = builder.valueCacheType;
        unifiedKvCache = builder.unifiedKvCache;
        fullSlidingWindowCache = builder.fullSlidingWindowCache;
        offloadKvCache = builder.offloadKvCache;
        offloadOperations = builder.offloadOperations;
        ropeScaling = builder.ropeScaling;
        ropeFrequencyBase = builder.ropeFrequencyBase;
        ropeFrequencyScale = builder.ropeFrequencyScale;
        yarn = builder.yarn;
        pooling = builder.pooling;
        attention = builder.attention;
        embeddings = builder.embeddings;
        performanceCounters = builder.performanceCounters;
    }

    /** The defaults. */
    public static ContextOptions defaults() {
        return builder().build();
    }

    /** See {@link Builder#threads(int)}: for single tokens; empty unless set. */
    public OptionalInt threads() {
        return threads == null ? OptionalInt.empty() : OptionalInt.of(threads);
    }

    /** See {@link Builder#threads(int, int)}: for batches; empty unless set. */
    public OptionalInt batchThreads() {
        return batchThreads == null ? OptionalInt.empty() : OptionalInt.of(batchThreads);
    }

    /** See {@link Builder#flashAttention}; empty unless set. */
    public Optional<FlashAttention> flashAttention() {
        return Optional.ofNullable(flashAttention);
    }

    /** See {@link Builder#unifiedKvCache}; empty unless set. */
    public Optional<Boolean> unifiedKvCache() {
        return Optional.ofNullable(unifiedKvCache);
    }

    /** See {@link Builder#kvCacheType(KvCacheType, KvCacheType)}: for keys; empty unless set. */
    public Optional<KvCacheType> keyCacheType() {
        return Optional.ofNullable(keyCacheType);
    }

    /** See {@link Builder#kvCacheType(KvCacheType, KvCacheType)}: for values; empty unless set. */
    public Optional<KvCacheType> valueCacheType() {
        return Optional.ofNullable(valueCacheType);
    }

    /** A builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options; each setter returns the builder. */
    public static final class Builder {
        private @Nullable Integer contextSize;
        private @Nullable Integer batchSize;
        private @Nullable Integer microBatchSize;
        private @Nullable Integer maxSequences;
        private @Nullable Integer recurrentSnapshots;
        private @Nullable Integer threads;
        private @Nullable Integer batchThreads;
        private @Nullable FlashAttention flashAttention;
        private @Nullable KvCacheType keyCacheType;
        private @Nullable KvCacheType valueCacheType;
        private @Nullable Boolean unifiedKvCache;
        private @Nullable Boolean fullSlidingWindowCache;
        private @Nullable Boolean offloadKvCache;
        private @Nullable Boolean offloadOperations;
        private @Nullable RopeScaling ropeScaling;
        private @Nullable Float ropeFrequencyBase;
        private @Nullable Float ropeFrequencyScale;
        private @Nullable Yarn yarn;
        private @Nullable PoolingType pooling;
        private @Nullable AttentionType attention;
        private @Nullable Boolean embeddings;
        private @Nullable Boolean performanceCounters;

        private Builder() {}

        /**
         * Tokens that the context's memory holds, over all its sequences; {@link #TRAINING_CONTEXT} for as many as the
         * model was trained for. ({@code n_ctx})
         *
         * @throws IllegalArgumentException if it is negative or above {@link #MAX_CONTEXT_SIZE}
         */
        public Builder contextSize(int tokens) {
            this.contextSize = Check.range("contextSize", tokens, 0, MAX_CONTEXT_SIZE);
            return this;
        }

        /** Tokens that the context's memory holds, over all its sequences. */
        public Builder contextSize(ContextSize size) {
            this.contextSize = size.code;
            return this;
        }

        /**
         * The most tokens in one {@link Batch}; never more than the context holds. ({@code n_batch})
         *
         * @throws IllegalArgumentException if it is not positive or above {@link #MAX_BATCH_SIZE}
         */
        public Builder batchSize(int tokens) {
            this.batchSize = Check.range("batchSize", tokens, 1, MAX_BATCH_SIZE);
            return this;
        }

        /**
         * The most tokens computed at once; a batch is worked off in pieces of this size. Where embeddings are averaged or
         * ranked it is rounded up to a multiple of {@link #maxSequences}, and the batch and the context are at least as
         * large. ({@code n_ubatch})
         */
        public Builder microBatchSize(int tokens) {
            this.microBatchSize = Check.range("microBatchSize", tokens, 1, MAX_BATCH_SIZE);
            return this;
        }

        /** The most sequences that the memory tells apart; their ids are below it. ({@code n_seq_max}) */
        public Builder maxSequences(int sequences) {
            this.maxSequences = Check.positive("maxSequences", sequences);
            return this;
        }

        /** Earlier states that a recurrent model keeps for each sequence, to step back by. ({@code n_rs_seq}) */
        public Builder recurrentSnapshots(int snapshots) {
            this.recurrentSnapshots = Check.range("recurrentSnapshots", snapshots, 0, 1024);
            return this;
        }

        /** Threads that compute, for single tokens and for batches alike. */
        public Builder threads(int threads) {
            return threads(threads, threads);
        }

        /** Threads that compute a single token, and threads that compute a batch of more. */
        public Builder threads(int threads, int batchThreads) {
            this.threads = Check.range("threads", threads, 1, LlamaContext.MAX_THREADS);
            this.batchThreads = Check.range("batchThreads", batchThreads, 1, LlamaContext.MAX_THREADS);
            return this;
        }

        /** When to use flash attention. */
        public Builder flashAttention(FlashAttention flashAttention) {
            this.flashAttention = Objects.requireNonNull(flashAttention, "flashAttention");
            return this;
        }

        /** The number format of the KV cache, for keys and values alike. */
        public Builder kvCacheType(KvCacheType type) {
            return kvCacheType(type, type);
        }

        /** The number formats of the KV cache. A quantised one for values needs flash attention. */
        public Builder kvCacheType(KvCacheType keys, KvCacheType values) {
            this.keyCacheType = Objects.requireNonNull(keys, "keys");
            this.valueCacheType = Objects.requireNonNull(values, "values");
            return this;
        }

        /**
         * Whether all sequences share one buffer, and may share tokens in it, instead of an equal part for each.
         * ({@code kv_unified})
         */
        public Builder unifiedKvCache(boolean unified) {
            this.unifiedKvCache = unified;
            return this;
        }

        /** Whether layers with a sliding window keep tokens that have left it. ({@code swa_full}) */
        public Builder fullSlidingWindowCache(boolean full) {
            this.fullSlidingWindowCache = full;
            return this;
        }

        /** Whether the KV cache lives on the GPU with its layers. ({@code offload_kqv}) */
        public Builder offloadKvCache(boolean offload) {
            this.offloadKvCache = offload;
            return this;
        }

        /** Whether large operations on tensors in system memory go to the GPU. ({@code op_offload}) */
        public Builder offloadOperations(boolean offload) {
            this.offloadOperations = offload;
            return this;
        }

        /** How positions past the trained length are treated. */
        public Builder ropeScaling(RopeScaling scaling) {
            this.ropeScaling = Objects.requireNonNull(scaling, "ropeScaling");
            return this;
        }

        /** The base of the RoPE frequencies; 0 for the model's. */
        public Builder ropeFrequencyBase(float base) {
            this.ropeFrequencyBase = Check.range("ropeFrequencyBase", base, 0, Float.MAX_VALUE);
            return this;
        }

        /** The factor of the RoPE frequencies; 0 for the model's. */
        public Builder ropeFrequencyScale(float scale) {
            this.ropeFrequencyScale = Check.range("ropeFrequencyScale", scale, 0, Float.MAX_VALUE);
            return this;
        }

        /**
         * The factors of YaRN; a negative one is the model's own.
         *
         * @param originalContextSize tokens that the model was trained on before stretching, 0 for the model's own
         */
        public Builder yarn(
                float extrapolation, float attention, float betaFast, float betaSlow, int originalContextSize) {
            this.yarn = new Yarn(
                    Check.finite("extrapolation", extrapolation),
                    Check.finite("attention", attention),
                    Check.finite("betaFast", betaFast),
                    Check.finite("betaSlow", betaSlow),
                    Check.notNegative("originalContextSize", originalContextSize));
            return this;
        }

        /** How embeddings of tokens become one of the sequence. */
        public Builder pooling(PoolingType pooling) {
            this.pooling = Objects.requireNonNull(pooling, "pooling");
            return this;
        }

        /** Which tokens a token attends to. */
        public Builder attention(AttentionType attention) {
            this.attention = Objects.requireNonNull(attention, "attention");
            return this;
        }

        /** Whether to compute embeddings. */
        public Builder embeddings(boolean embeddings) {
            this.embeddings = embeddings;
            return this;
        }

        /** Whether to count time and tokens for {@link LlamaContext#performance()}. */
        public Builder performanceCounters(boolean count) {
            this.performanceCounters = count;
            return this;
        }

        /** The options as set so far. */
        public ContextOptions build() {
            return new ContextOptions(this);
        }
    }
}
