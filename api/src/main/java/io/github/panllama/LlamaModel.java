package io.github.panllama;

import io.github.panllama.bindings.gen.LlamaC;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.internal.NativeModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;

/**
 * A model: weights, vocabulary and metadata, loaded from a GGUF file. It computes nothing by itself; contexts made from
 * it do, and share its weights.
 *
 * <p>Closing a model ends its use through this object. The memory goes when its last context, sampler or adapter is
 * closed too, so they may be closed in any order.
 *
 * <p><b>Threads.</b> May be shared by any number of threads; may be closed by any of them.
 */
public final class LlamaModel implements AutoCloseable {
    static {
        NativeModels.setLender((model, use) -> {
            Handle handle = ((LlamaModel) model).handle;
            try (Handle.Hold _ = handle.hold()) {
                use.accept(handle.pointer());
            }
        });
    }

    private final Handle handle;
    private final ModelFiles files;
    private final ModelOptions options;
    private final int gpuLayers;
    private final boolean vocabularyOnly;
    private final boolean offloaded;
    private final boolean predictionLayers;
    private final Object adapterLock = new Object();
    private final ModelFigures figures;
    private final ModelTexts texts;
    private final Tokenizer tokenizer;
    /** As it was loaded: llama.cpp changes its own figure when a context stretches the model by YaRN. */
    private final int trainingContextSize;

    private LlamaModel(Handle handle, ModelFiles files, ModelOptions options, int gpuLayers) {
        this.handle = handle;
        this.files = files;
        this.options = options;
        this.gpuLayers = gpuLayers;
        this.vocabularyOnly = Boolean.TRUE.equals(options.vocabularyOnly);
        this.offloaded = ModelParams.offloads(options, gpuLayers);
        this.predictionLayers = Boolean.TRUE.equals(options.multiTokenPrediction);
        this.figures = ModelFigures.of(handle.pointer());
        this.texts = new ModelTexts(handle, files);
        this.tokenizer = new Tokenizer(handle, figures.vocabularySize());
        this.trainingContextSize = LlamaC.llama_model_n_ctx_train(handle.pointer());
    }

    /**
     * Loads a model with the default options.
     *
     * @param file a GGUF file; of a model in several files, the first, beside the others
     * @throws ModelLoadException if the file cannot be read, is malformed, or does not fit
     */
    public static LlamaModel load(Path file) {
        return load(file, ModelOptions.defaults());
    }

    /**
     * Loads a model. ({@code llama_model_load_from_file})
     *
     * @param file a GGUF file; of a model in several files, the first, beside the others
     * @throws ModelLoadException if the file cannot be read, is malformed, or does not fit
     * @throws InsufficientMemoryException if less memory is free than it takes, unless {@link
     *     ModelOptions.Builder#memoryCheck} is off; weights that are memory-mapped need none
     * @throws CancellationException if the progress listener cancelled the load
     */
    public static LlamaModel load(Path file, ModelOptions options) {
        return load(List.of(file), options);
    }

    /**
     * Loads a model from several files with names of any kind. ({@code llama_model_load_from_splits})
     *
     * @param splits the files, in order
     * @throws ModelLoadException if a file cannot be read, is malformed, or the model does not fit
     * @throws CancellationException if the progress listener cancelled the load
     */
    public static LlamaModel load(List<Path> splits, ModelOptions options) {
        Natives.load();
        ModelFiles files = ModelFiles.check(splits, options);
        int layers = MemoryCheck.gpuLayers(files, options);
        MemoryCheck.model(files, options, layers);
        return new LlamaModel(ModelLoad.load(files, options, layers, true), files, options, layers);
    }

    /** A model without memory for its weights: it can be asked, and cannot compute. */
    static LlamaModel withoutMemory(ModelFiles files, ModelOptions options, int gpuLayers) {
        return new LlamaModel(ModelLoad.load(files, options, gpuLayers, false), files, options, gpuLayers);
    }

    /** The tokenizer of this model's vocabulary; usable until the model is closed. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** Makes a context with the default options. */
    public LlamaContext newContext() {
        return newContext(ContextOptions.defaults());
    }

    /**
     * Makes a context: memory for sequences of tokens, and buffers to compute in. ({@code llama_init_from_model})
     *
     * @throws InsufficientMemoryException if less memory is free than it takes, unless {@link
     *     ModelOptions.Builder#memoryCheck} is off
     * @throws LlamaException if the options do not fit the model
     * @throws IllegalStateException if only the vocabulary was loaded, or the model is closed
     */
    public LlamaContext newContext(ContextOptions options) {
        if (vocabularyOnly) {
            throw new IllegalStateException(files.name() + " was loaded for its vocabulary only; it cannot compute");
        }
        return LlamaContext.create(this, options, null);
    }

    /** The file or files it was loaded from. */
    public List<Path> files() {
        return files.paths();
    }

    /** The model's family, such as {@code llama} or {@code deepseek2}: {@code general.architecture}. */
    public String architecture() {
        return files.architecture();
    }

    /** Architecture, size and type in one line. ({@code llama_model_desc}) */
    public String description() {
        return texts.description();
    }

    /** The type of most weights, such as {@code Q8_0}. ({@code llama_ftype_name}) */
    public String fileType() {
        return texts.fileType();
    }

    /** Number of parameters. ({@code llama_model_n_params}) */
    public long parameterCount() {
        return LlamaC.llama_model_n_params(handle.pointer());
    }

    /** Size of all tensors, in bytes. ({@code llama_model_size}) */
    public long sizeInBytes() {
        return LlamaC.llama_model_size(handle.pointer());
    }

    /** Number of tokens in the vocabulary. */
    public int vocabularySize() {
        handle.pointer();
        return figures.vocabularySize();
    }

    /** The longest sequence that the model was trained on, in tokens. ({@code llama_model_n_ctx_train}) */
    public int trainingContextSize() {
        handle.pointer();
        return trainingContextSize;
    }

    /** Length of an embedding that goes in, in floats. ({@code llama_model_n_embd_inp}) */
    public int inputEmbeddingLength() {
        return LlamaC.llama_model_n_embd_inp(handle.pointer());
    }

    /** Length of an embedding that comes out, in floats. ({@code llama_model_n_embd_out}) */
    public int embeddingLength() {
        return LlamaC.llama_model_n_embd_out(handle.pointer());
    }

    /** Width of the hidden state, in floats: the length of a control vector's layer. ({@code llama_model_n_embd}) */
    public int hiddenSize() {
        return LlamaC.llama_model_n_embd(handle.pointer());
    }

    /** Number of layers. ({@code llama_model_n_layer}) */
    public int layers() {
        return LlamaC.llama_model_n_layer(handle.pointer());
    }

    /** Number of attention heads, 0 when only the vocabulary was loaded. ({@code llama_model_n_head}) */
    public int attentionHeads() {
        handle.pointer();
        return vocabularyOnly ? 0 : LlamaC.llama_model_n_head(handle.pointer());
    }

    /** Number of heads of keys and values, 0 when only the vocabulary was loaded. ({@code llama_model_n_head_kv}) */
    public int keyValueHeads() {
        handle.pointer();
        return vocabularyOnly ? 0 : LlamaC.llama_model_n_head_kv(handle.pointer());
    }

    /** Size of the attention window in tokens, 0 when attention reaches back to the start. */
    public int slidingWindow() {
        return LlamaC.llama_model_n_swa(handle.pointer());
    }

    /** The factor by which RoPE frequencies were scaled in training. */
    public float trainingRopeFrequencyScale() {
        return LlamaC.llama_model_rope_freq_scale_train(handle.pointer());
    }

    /** Whether the model has an encoder, to be run by {@link LlamaContext#encode}. */
    public boolean hasEncoder() {
        return LlamaC.llama_model_has_encoder(handle.pointer());
    }

    /** Whether the model has a decoder, to be run by {@link LlamaContext#decode}. */
    public boolean hasDecoder() {
        return LlamaC.llama_model_has_decoder(handle.pointer());
    }

    /** The token that starts the decoder of an encoder-decoder model. */
    public Optional<Integer> decoderStartToken() {
        int token = LlamaC.llama_model_decoder_start_token(handle.pointer());
        return token < 0 ? Optional.empty() : Optional.of(token);
    }

    /** Whether its memory is a recurrent state (Mamba, RWKV) rather than a KV cache. */
    public boolean isRecurrent() {
        return LlamaC.llama_model_is_recurrent(handle.pointer());
    }

    /** Whether it has both recurrent and attention layers. */
    public boolean isHybrid() {
        return LlamaC.llama_model_is_hybrid(handle.pointer());
    }

    /**
     * Whether a token attends to those before it alone, as it must in a model that generates one token after another.
     * False of encoders that compute embeddings (BERT), and of models that generate by diffusion.
     */
    public boolean isCausal() {
        handle.pointer();
        return files.isCausal();
    }

    /** Whether it generates by diffusion. */
    public boolean isDiffusion() {
        return LlamaC.llama_model_is_diffusion(handle.pointer());
    }

    /** How embeddings are to be pooled, as the model's file says; empty where it says nothing. */
    public Optional<PoolingType> pooling() {
        return metadata(architecture() + ".pooling_type")
                .map(code -> PoolingType.of((int) Long.parseLong(code)))
                .filter(pooling -> pooling != PoolingType.UNSPECIFIED);
    }

    /**
     * Scores that the model's classification head gives a sequence, under {@link PoolingType#RANK}; 0 where it has none.
     * ({@code llama_model_n_cls_out})
     */
    public int classifierOutputs() {
        handle.pointer();
        return files.hasTensor("cls.output.weight") ? figures.classifierOutputs() : 0;
    }

    /** The labels of a classifier's outputs; empty for other models, and for classifiers without labels. */
    public List<String> classifierLabels() {
        return texts.classifierLabels();
    }

    /** The model's own chat template, a Jinja text. ({@code llama_model_chat_template}) */
    public Optional<String> chatTemplate() {
        return texts.chatTemplate();
    }

    /** A named chat template, such as {@code tool_use}. */
    public Optional<String> chatTemplate(String name) {
        return texts.chatTemplate(name);
    }

    /**
     * The scalar metadata of the model as text, overrides applied, in the order of the file. Arrays, the vocabulary
     * among them, are left out: read them with {@link GgufFile}. ({@code llama_model_meta_val_str_by_index})
     */
    public Map<String, String> metadata() {
        return texts.metadata();
    }

    /** One value of the metadata as text. ({@code llama_model_meta_val_str}) */
    public Optional<String> metadata(String key) {
        return texts.metadata(key);
    }

    /**
     * Bytes of KV cache that each token takes, keys and values together; empty for a model whose layers differ too much
     * to say, or that has a recurrent state.
     */
    public OptionalLong kvCacheBytesPerToken(KvCacheType keys, KvCacheType values) {
        handle.pointer();
        long bytes = files.cacheBytesPerToken(keys, values);
        return bytes == 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
    }

    /** Tells the model from others, also in another process: a digest of its files' headers and of parts of its weights. */
    public String fingerprint() {
        handle.pointer();
        return files.fingerprint();
    }

    /**
     * Whether at least the output and the last layers are on a GPU, as far as {@link ModelOptions.Builder#gpuLayers} and
     * {@link ModelOptions.Builder#devices} say.
     */
    public boolean isOffloaded() {
        return offloaded;
    }

    /**
     * The GPUs that may hold layers, in order: those of {@link ModelOptions.Builder#devices}, or all of this machine. Empty
     * for a model of the CPU alone.
     */
    public List<Device> devices() {
        return ModelParams.gpus(options);
    }

    /** How the model is divided between its {@link #devices}; means nothing where there is but one. */
    public SplitMode splitMode() {
        return options.splitMode().orElse(SplitMode.LAYER);
    }

    /** Whether {@link #close} was called. */
    public boolean isClosed() {
        return handle.isClosed();
    }

    /** Ends the use of the model. May be called twice, and while contexts are open. */
    @Override
    public void close() {
        handle.close();
    }

    @Override
    public String toString() {
        return "LlamaModel[%s, %s]".formatted(files.name(), architecture());
    }

    Handle handle() {
        return handle;
    }

    /** How it was loaded. */
    ModelOptions options() {
        return options;
    }

    /** Layers in GPU memory, the output counted as one; {@link ModelOptions#ALL_LAYERS} for all. */
    int gpuLayers() {
        return gpuLayers;
    }

    /** What children need to know of the model, whether or not it was closed. */
    ModelFigures figures() {
        return figures;
    }

    /** Held while the model's list of adapters changes. */
    Object adapterLock() {
        return adapterLock;
    }

    /** Whether layers that predict several tokens were loaded, where there are any. */
    boolean hasPredictionLayers() {
        return predictionLayers;
    }

    ModelFiles modelFiles() {
        return files;
    }
}
