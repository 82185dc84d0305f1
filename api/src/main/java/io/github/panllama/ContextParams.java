package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.gen.llama_context_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Writes {@link ContextOptions} into a {@code llama_context_params}, refusing what the model cannot do. */
final class ContextParams {
    private ContextParams() {}

    /**
     * Writes options.
     *
     * @param contextSize tokens, where the options leave it to others to find out how many fit
     */
    static MemorySegment of(ContextOptions options, int contextSize, LlamaModel model, Arena arena) {
        MemorySegment params = LlamaC.llama_context_default_params(arena);
        sizes(options, contextSize, model, params);
        threads(options, params);
        cache(options, model, params);
        positions(options, params);
        if (options.pooling != null) {
            llama_context_params.pooling_type(params, options.pooling.code);
        }
        if (options.attention != null) {
            llama_context_params.attention_type(params, options.attention.code);
        }
        if (options.embeddings != null) {
            llama_context_params.embeddings(params, options.embeddings);
        }
        if (options.performanceCounters != null) {
            llama_context_params.no_perf(params, !options.performanceCounters);
        }
        return params;
    }

    /** Tokens that a context is to hold, {@link ContextOptions#FITTING_CONTEXT} for as many as fit. */
    static int contextSize(ContextOptions options, LlamaModel model) {
        int trained = model.trainingContextSize();
        if (options.contextSize == null) {
            return Math.min(trained, ContextOptions.DEFAULT_CONTEXT_LIMIT);
        }
        return options.contextSize == ContextOptions.TRAINING_CONTEXT ? trained : options.contextSize;
    }

    /** Whether tokens attend to those before them alone, at first. */
    static boolean isCausal(ContextOptions options, LlamaModel model) {
        if (options.attention != null && options.attention != AttentionType.UNSPECIFIED) {
            return options.attention == AttentionType.CAUSAL;
        }
        return model.modelFiles().isCausal();
    }

    private static void sizes(ContextOptions options, int contextSize, LlamaModel model, MemorySegment params) {
        int size = contextSize;
        int sequences = options.maxSequences != null ? options.maxSequences : llama_context_params.n_seq_max(params);
        // C rounds the size up anyway, but takes it as it is for its batches.
        size = Math.max(size, Math.min(sequences, Llama.maxSequences()));
        llama_context_params.n_ctx(params, Check.range("contextSize", size, 1, ContextOptions.MAX_CONTEXT_SIZE));
        MemoryNeed.check(options, model, size);
        CacheTensor.check(options, model, size);
        if (options.maxSequences != null) {
            Check.range("maxSequences", options.maxSequences, 1, Llama.maxSequences());
            llama_context_params.n_seq_max(params, options.maxSequences);
        }
        if (options.recurrentSnapshots != null) {
            llama_context_params.n_rs_seq(params, options.recurrentSnapshots);
        }
        // Never less than a token for each sequence, or a decode step of all of them would not fit.
        int batch = options.batchSize != null ? options.batchSize : llama_context_params.n_batch(params);
        batch = Math.max(Math.min(batch, size), llama_context_params.n_seq_max(params));
        llama_context_params.n_batch(params, batch);
        if (options.microBatchSize != null) {
            llama_context_params.n_ubatch(params, Math.min(options.microBatchSize, batch));
        } else if (!isCausal(options, model)) {
            llama_context_params.n_ubatch(params, batch);
        }
        wholeSequences(options, model, params);
    }

    /**
     * Where outputs are averaged, C lays out the largest micro-batch for sequences of equal lengths, and aborts if they do
     * not fill it.
     */
    private static void wholeSequences(ContextOptions options, LlamaModel model, MemorySegment params) {
        PoolingType pooling = options.pooling == null || options.pooling == PoolingType.UNSPECIFIED
                ? model.pooling().orElse(PoolingType.NONE)
                : options.pooling;
        if (pooling != PoolingType.MEAN && pooling != PoolingType.RANK) {
            return;
        }
        int sequences = llama_context_params.n_seq_max(params);
        int wanted = Math.min(llama_context_params.n_ubatch(params), llama_context_params.n_batch(params));
        int microBatch = Math.ceilDiv(wanted, sequences) * sequences;
        llama_context_params.n_ubatch(params, microBatch);
        llama_context_params.n_batch(params, Math.max(microBatch, llama_context_params.n_batch(params)));
        llama_context_params.n_ctx(params, Math.max(microBatch, llama_context_params.n_ctx(params)));
    }

    private static void threads(ContextOptions options, MemorySegment params) {
        // Counting all processors is wrong where two are one core, and native workers spin against each other there.
        int half = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        llama_context_params.n_threads(params, options.threads != null ? options.threads : half);
        llama_context_params.n_threads_batch(params, options.batchThreads != null ? options.batchThreads : half);
    }

    private static void cache(ContextOptions options, LlamaModel model, MemorySegment params) {
        if (options.flashAttention == FlashAttention.DISABLED && model.splitMode() == SplitMode.TENSOR) {
            throw new IllegalArgumentException("flashAttention is DISABLED, but a model that was loaded with"
                    + " splitMode(TENSOR) needs it: leave it out, or load with splitMode(LAYER)");
        }
        if (options.flashAttention != null) {
            llama_context_params.flash_attn_type(params, options.flashAttention.code);
        }
        if (options.keyCacheType != null && options.valueCacheType != null) {
            if (options.valueCacheType.isQuantized() && options.flashAttention == FlashAttention.DISABLED) {
                throw new IllegalArgumentException("valueCacheType " + options.valueCacheType
                        + " is quantised and needs flash attention," + " which these options disable");
            }
            model.modelFiles().checkCacheTypes(options.keyCacheType, options.valueCacheType);
            llama_context_params.type_k(params, options.keyCacheType.code);
            llama_context_params.type_v(params, options.valueCacheType.code);
        }
        if (options.unifiedKvCache != null) {
            llama_context_params.kv_unified(params, options.unifiedKvCache);
        }
        if (options.fullSlidingWindowCache != null) {
            llama_context_params.swa_full(params, options.fullSlidingWindowCache);
        }
        if (options.offloadKvCache != null) {
            llama_context_params.offload_kqv(params, options.offloadKvCache);
        }
        if (options.offloadOperations != null) {
            llama_context_params.op_offload(params, options.offloadOperations);
        }
    }

    private static void positions(ContextOptions options, MemorySegment params) {
        if (options.ropeScaling != null) {
            llama_context_params.rope_scaling_type(params, options.ropeScaling.code);
        }
        if (options.ropeFrequencyBase != null) {
            llama_context_params.rope_freq_base(params, options.ropeFrequencyBase);
        }
        if (options.ropeFrequencyScale != null) {
            llama_context_params.rope_freq_scale(params, options.ropeFrequencyScale);
        }
        if (options.yarn != null) {
            llama_context_params.yarn_ext_factor(params, options.yarn.extrapolation());
            llama_context_params.yarn_attn_factor(params, options.yarn.attention());
            llama_context_params.yarn_beta_fast(params, options.yarn.betaFast());
            llama_context_params.yarn_beta_slow(params, options.yarn.betaSlow());
            llama_context_params.yarn_orig_ctx(params, options.yarn.originalContextSize());
        }
    }
}
