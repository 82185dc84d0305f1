package io.github.panllama;

import static java.lang.foreign.ValueLayout.ADDRESS;

import io.github.panllama.bindings.NativeLog;
import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.bindings.gen.llama_context_params;
import io.github.panllama.internal.SystemMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Finds out what contexts of a model will take, as {@link MemoryPlan} tells, and reads the model's header once for all of
 * them.
 *
 * <p>It takes some memory itself while it works: the vocabulary, and for a moment the outputs of a context and the states
 * of a recurrent model, as long as these are less than half of what is free; where they are more they are reckoned.
 *
 * <p><b>Threads.</b> May be shared by any number of threads; may be closed by any of them.
 */
public final class MemoryPlanner implements AutoCloseable {
    private final LlamaModel model;
    private final List<Device> gpus;
    private final boolean mapped;

    private MemoryPlanner(LlamaModel model) {
        this.model = model;
        this.gpus = model.devices();
        this.mapped = ModelParams.maps(model.options(), model.modelFiles());
    }

    /**
     * Opens a model for planning.
     *
     * @param file a GGUF file; of a model in several files, the first, beside the others
     * @param options how it is going to be loaded; {@link GpuLayers#AUTO} is decided here
     * @throws ModelLoadException if the file cannot be read or is malformed
     * @throws IllegalArgumentException if the options are for the vocabulary alone, which needs no plan
     */
    public static MemoryPlanner open(Path file, ModelOptions options) {
        Natives.load();
        if (Boolean.TRUE.equals(options.vocabularyOnly)) {
            throw new IllegalArgumentException(
                    "vocabularyOnly is set, but a model without weights makes no contexts: leave it out to plan");
        }
        ModelFiles files = ModelFiles.check(List.of(file), options);
        return open(files, options, MemoryCheck.gpuLayers(files, options));
    }

    static MemoryPlanner open(ModelFiles files, ModelOptions options, int gpuLayers) {
        try (NativeLog.Subdued _ = NativeLog.subdue()) {
            return new MemoryPlanner(LlamaModel.withoutMemory(files, options, gpuLayers));
        }
    }

    /** A plan for a model that is loaded in the same way. */
    static MemoryPlanner like(LlamaModel model) {
        return open(model.modelFiles(), model.options(), model.gpuLayers());
    }

    /**
     * Plans the model with one context.
     *
     * @throws IllegalArgumentException if the options do not fit the model
     * @throws LlamaException if llama.cpp cannot lay out such a context
     */
    public MemoryPlan plan(ContextOptions options) {
        int size = ContextParams.contextSize(options, model);
        return plan(options, size == ContextOptions.FITTING_CONTEXT ? largestContext(options) : size);
    }

    /** As {@link #plan(ContextOptions)}, but for a context of the default size where it is to be as large as fits. */
    MemoryPlan planUseful(ContextOptions options) {
        int size = ContextParams.contextSize(options, model);
        int useful = Math.min(model.trainingContextSize(), ContextOptions.DEFAULT_CONTEXT_LIMIT);
        return plan(options, size == ContextOptions.FITTING_CONTEXT ? useful : size);
    }

    /** The longest sequence that the model was trained on, in tokens. */
    public int trainingContextSize() {
        return model.trainingContextSize();
    }

    /** The GPUs that may hold layers: see {@link LlamaModel#devices}. */
    public List<Device> devices() {
        return gpus;
    }

    /** Whether layers are going to be on a GPU. */
    public boolean isOffloaded() {
        return model.isOffloaded();
    }

    /** See {@link LlamaModel#kvCacheBytesPerToken}. */
    public OptionalLong kvCacheBytesPerToken(KvCacheType keys, KvCacheType values) {
        return model.kvCacheBytesPerToken(keys, values);
    }

    /** The largest context that fits beside the weights, in tokens; the least one if none does. */
    private int largestContext(ContextOptions options) {
        return ContextFit.largest(options, model, size -> plan(options, size));
    }

    MemoryPlan plan(ContextOptions options, int contextSize) {
        return plan(options, contextSize, SystemMemory.now());
    }

    /** A plan for a machine with such memory. */
    MemoryPlan plan(ContextOptions options, int contextSize, SystemMemory memory) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params = ContextParams.of(options, contextSize, model, arena);
            PlannedMemory sums = sums(params, memory, arena);
            List<MemoryUse> uses = new ArrayList<>();
            for (int i = 0; i < gpus.size(); i++) {
                uses.add(
                        model.splitMode() == SplitMode.TENSOR
                                ? sums.partOf(gpus.get(i), share(i))
                                : sums.of(gpus.get(i)));
            }
            uses.add(sums.ofHost(output(params), memory.available()));
            return new MemoryPlan(uses, llama_context_params.n_ctx(params), model.gpuLayers(), 1);
        }
    }

    /** The part of every tensor that a device has under {@link SplitMode#TENSOR}. */
    private double share(int index) {
        float[] shares = model.options().tensorSplit;
        double sum = 0;
        for (float share : shares) {
            sum += share;
        }
        if (sum == 0) {
            return 1.0 / gpus.size();
        }
        return index < shares.length ? shares[index] / sum : 0;
    }

    /** llama.cpp's own buffers alone. */
    PlannedMemory buffers(ContextOptions options) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params = ContextParams.of(options, ContextParams.contextSize(options, model), model, arena);
            return sums(params, 0, arena);
        }
    }

    /** States of recurrent models and outputs are allocated all the same: many of them are reckoned from those of one. */
    private PlannedMemory sums(MemorySegment params, SystemMemory memory, Arena arena) {
        int sequences = llama_context_params.n_seq_max(params);
        if (sequences == 1 || !allocatesStates()) {
            return sums(params, memory.available(), arena);
        }
        MemorySegment one = arena.allocate(params.byteSize(), Long.BYTES).copyFrom(params);
        llama_context_params.n_seq_max(one, 1);
        llama_context_params.n_ctx(one, Math.ceilDiv(llama_context_params.n_ctx(params), sequences));
        llama_context_params.n_batch(one, Math.ceilDiv(llama_context_params.n_batch(params), sequences));
        llama_context_params.n_ubatch(one, Math.ceilDiv(llama_context_params.n_ubatch(params), sequences));
        PlannedMemory sum = sums(one, memory.available(), arena);
        return sum.cache() > memory.available() / 2 / sequences
                ? sum.times(sequences)
                : sums(params, memory.available(), arena);
    }

    private boolean allocatesStates() {
        return model.figures().recurrent()
                || model.figures().hybrid()
                || model.architecture().equals("deepseek4");
    }

    /** What llama.cpp's own buffers would be, and what the CPU would take beside them. */
    private PlannedMemory sums(MemorySegment params, long available, Arena arena) {
        try (NativeLog.Subdued _ = NativeLog.subdue();
                Handle.Hold _ = model.handle().hold();
                NativeLog.Capture log = NativeLog.capture()) {
            MemorySegment out = arena.allocate(ADDRESS);
            // It never computes: more threads would be started for nothing.
            MemorySegment alone = arena.allocate(params.byteSize(), Long.BYTES).copyFrom(params);
            llama_context_params.n_threads(alone, 1);
            llama_context_params.n_threads_batch(alone, 1);
            int status = LlamaC.panllama_context_create(model.handle().pointer(), alone, out);
            if (status != LlamaC.PANLLAMA_OK()) {
                throw new LlamaException("Cannot plan a context for %s: %s%n%s"
                        .formatted(model, Natives.lastError(), String.join(System.lineSeparator(), log.lines())));
            }
            MemorySegment context = out.get(ADDRESS, 0);
            try {
                int threads =
                        Math.max(llama_context_params.n_threads(params), llama_context_params.n_threads_batch(params));
                return PlannedMemory.of(context, mapped, threads, available, arena);
            } finally {
                LlamaC.panllama_context_free(context);
            }
        }
    }

    /** Bytes of outputs that a context has from the start, or has to have where each token has one. */
    private long output(MemorySegment params) {
        boolean embeddings = llama_context_params.embeddings(params);
        long rows = embeddings ? llama_context_params.n_batch(params) : llama_context_params.n_seq_max(params);
        boolean both = embeddings || model.architecture().equals("t5");
        long floats = model.vocabularySize() + (both ? (long) model.embeddingLength() : 0);
        return rows * floats * Float.BYTES;
    }

    /** Ends the planning; plans stay. */
    @Override
    public void close() {
        model.close();
    }
}
