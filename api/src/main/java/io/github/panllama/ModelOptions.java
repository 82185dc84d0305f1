package io.github.panllama;

import io.github.panllama.internal.OptionCodecs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * How to load a {@link LlamaModel}. What is not set keeps the native library's own default
 * ({@code llama_model_default_params}): all layers on the GPU when there is one, memory-mapped where possible.
 *
 * <p><b>Threads.</b> Immutable; may be shared. A builder belongs to one thread.
 */
public final class ModelOptions {
    static {
        OptionCodecs.register(ModelOptions.class, new ModelOptionsCodec());
    }

    /** For {@link Builder#gpuLayers}: every layer, however many the model has. */
    public static final int ALL_LAYERS = -1;

    /** What {@link GpuLayers#AUTO} is among numbers of layers. */
    static final int FITTING_LAYERS = -2;

    /** The routed experts of a mixture-of-experts model, by the names of their tensors. */
    private static final String EXPERT_TENSORS = "\\.ffn_(up|down|gate|gate_up)_(ch|)exps";

    /** Keys and texts of metadata overrides live in arrays of 128 bytes, with a final NUL. */
    private static final int MAX_OVERRIDE_BYTES = 127;

    /** Tensors whose names match {@code pattern} stay on {@code device}. */
    record TensorPlacement(String pattern, Device device) {}

    final @Nullable Integer gpuLayers;
    final @Nullable SplitMode splitMode;
    final @Nullable LoadMode loadMode;
    final @Nullable Integer mainDevice;
    final @Nullable List<Device> devices;
    final float[] tensorSplit;
    final List<TensorPlacement> placements;
    final boolean expertsOnCpu;
    final Map<String, Object> overrides;
    final @Nullable Integer activeExperts;
    final @Nullable Boolean vocabularyOnly;
    final @Nullable Boolean checkTensors;
    final @Nullable Boolean repackWeights;
    final @Nullable Boolean pinnedHostBuffers;
    final @Nullable Boolean multiTokenPrediction;
    final @Nullable LazyMode lazyMode;
    final @Nullable ProgressListener progress;
    final @Nullable ContextOptions roomFor;
    final boolean memoryCheck;
    final ModelTrust trust;

    private ModelOptions(Builder builder) {
        gpuLayers = builder.gpuLayers;
        splitMode = builder.splitMode;
        loadMode = builder.loadMode;
        mainDevice = builder.mainDevice;
        devices = builder.devices;
        tensorSplit = builder.tensorSplit.clone();
        placements = List.copyOf(builder.placements);
        expertsOnCpu = builder.expertsOnCpu;
        overrides = new LinkedHashMap<>(builder.overrides);
        activeExperts = builder.activeExperts;
        vocabularyOnly = builder.vocabularyOnly;
        checkTensors = builder.checkTensors;
        repackWeights = builder.repackWeights;
        pinnedHostBuffers = builder.pinnedHostBuffers;
        multiTokenPrediction = builder.multiTokenPrediction;
        lazyMode = builder.lazyMode;
        progress = builder.progress;
        roomFor = builder.roomFor;
        memoryCheck = builder.memoryCheck;
        trust = builder.trust;
    }

    /** The native library's defaults. */
    public static ModelOptions defaults() {
        return builder().build();
    }

    /** A builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** How the model is divided between GPUs, where that was set. */
    public Optional<SplitMode> splitMode() {
        return Optional.ofNullable(splitMode);
    }

    /** Whether what cannot fit is refused before it is allocated. */
    public boolean memoryCheck() {
        return memoryCheck;
    }

    /** The pattern that {@link Builder#expertsOnCpu()} places. */
    static String expertTensors() {
        return EXPERT_TENSORS;
    }

    /** Collects options; each setter returns the builder. */
    public static final class Builder {
        private @Nullable Integer gpuLayers;
        private @Nullable SplitMode splitMode;
        private @Nullable LoadMode loadMode;
        private @Nullable Integer mainDevice;
        private @Nullable List<Device> devices;
        private float[] tensorSplit = {};
        private final List<TensorPlacement> placements = new ArrayList<>();
        private boolean expertsOnCpu;
        private final Map<String, Object> overrides = new LinkedHashMap<>();
        private @Nullable Integer activeExperts;
        private @Nullable Boolean vocabularyOnly;
        private @Nullable Boolean checkTensors;
        private @Nullable Boolean repackWeights;
        private @Nullable Boolean pinnedHostBuffers;
        private @Nullable Boolean multiTokenPrediction;
        private @Nullable LazyMode lazyMode;
        private @Nullable ProgressListener progress;
        private @Nullable ContextOptions roomFor;
        private boolean memoryCheck = true;
        private ModelTrust trust = ModelTrust.VALIDATED;

        private Builder() {}

        /** Layers to keep in GPU memory: 0 for none, {@link #ALL_LAYERS} for all. Without a GPU it has no effect. */
        public Builder gpuLayers(int layers) {
            if (layers < ALL_LAYERS) {
                throw new IllegalArgumentException(
                        "gpuLayers is " + layers + ", must be a number of layers or ALL_LAYERS (-1)");
            }
            this.gpuLayers = layers;
            return this;
        }

        /** Layers to keep in GPU memory. Without a GPU it has no effect. */
        public Builder gpuLayers(GpuLayers layers) {
            this.gpuLayers = layers.code;
            return this;
        }

        /**
         * The context that the model is going to have. Loading leaves room for it: {@link GpuLayers#AUTO} chooses the layers
         * accordingly, and a load is refused where there is none. Without this, {@code AUTO} leaves room for a context with
         * the default options.
         */
        public Builder roomFor(ContextOptions context) {
            this.roomFor = Objects.requireNonNull(context, "context");
            return this;
        }

        /** The GPUs that may hold layers, in order; without this, every GPU. An empty list means the CPU alone. */
        public Builder devices(List<Device> devices) {
            this.devices = List.copyOf(devices);
            for (Device device : this.devices) {
                if (!device.isGpu()) {
                    throw new IllegalArgumentException(
                            device + " is no GPU: the CPU takes the layers that no GPU has, without being named");
                }
            }
            return this;
        }

        /** The index, among the devices in use, of the one that holds everything under {@link SplitMode#NONE}. */
        public Builder mainDevice(int index) {
            this.mainDevice = Check.notNegative("mainDevice", index);
            return this;
        }

        /**
         * How to divide the model between GPUs; {@link SplitMode#LAYER} unless set. Loading fails where a backend or an
         * architecture cannot be divided in that way.
         */
        public Builder splitMode(SplitMode mode) {
            this.splitMode = Objects.requireNonNull(mode, "splitMode");
            return this;
        }

        /**
         * The share of each device, in any unit: {@code tensorSplit(3, 1)} puts three quarters on the first. A device without
         * a share, or with 0, has nothing. Without this, or with zeros alone, the shares go by the memory that is free; under
         * {@link SplitMode#TENSOR} they are equal. More shares than there are devices make loading throw {@code
         * IllegalArgumentException}; without a GPU they have no effect.
         */
        public Builder tensorSplit(float... shares) {
            for (float share : shares) {
                Check.range("a share of tensorSplit", share, 0, Float.MAX_VALUE);
            }
            this.tensorSplit = shares.clone();
            return this;
        }

        /** How the weights come into memory. */
        public Builder loadMode(LoadMode mode) {
            this.loadMode = Objects.requireNonNull(mode, "loadMode");
            return this;
        }

        /**
         * Keeps the tensors whose names match a regular expression (anywhere in the name) on a device. Of several
         * placements the first that matches counts.
         */
        public Builder placeTensors(String pattern, Device device) {
            Check.text("pattern", pattern);
            TriggerPattern.checkLength("pattern", pattern);
            Objects.requireNonNull(device, "device");
            try {
                Pattern.compile(pattern);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException("not a regular expression: " + pattern, e);
            }
            placements.add(new TensorPlacement(pattern, device));
            return this;
        }

        /** Keeps the routed experts of a mixture-of-experts model in system memory, computed by the CPU. */
        public Builder expertsOnCpu() {
            this.expertsOnCpu = true;
            return this;
        }

        /** How many routed experts each token uses, instead of the number the model was trained with. */
        public Builder activeExperts(int experts) {
            this.activeExperts = Check.positive("activeExperts", experts);
            return this;
        }

        /** Replaces an integer of the model's metadata for this load. */
        public Builder metadata(String key, long value) {
            return override(key, value);
        }

        /** Replaces a floating-point number of the model's metadata for this load. */
        public Builder metadata(String key, double value) {
            return override(key, value);
        }

        /** Replaces a boolean of the model's metadata for this load. */
        public Builder metadata(String key, boolean value) {
            return override(key, value);
        }

        /** Replaces a text of the model's metadata for this load; at most 127 bytes of UTF-8. */
        public Builder metadata(String key, String value) {
            return override(key, checkOverride("value", value));
        }

        private Builder override(String key, Object value) {
            checkOverride("key", key);
            if (key.isEmpty()) {
                throw new IllegalArgumentException("key is empty");
            }
            overrides.put(key, value);
            return this;
        }

        private static String checkOverride(String what, String text) {
            Check.text(what, text);
            int bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
            if (bytes > MAX_OVERRIDE_BYTES) {
                throw new IllegalArgumentException(
                        "%s has %d bytes, at most %d are allowed: %s".formatted(what, bytes, MAX_OVERRIDE_BYTES, text));
            }
            return text;
        }

        /** Loads the vocabulary alone: enough for a {@link Tokenizer}, not for a context. */
        public Builder vocabularyOnly(boolean only) {
            this.vocabularyOnly = only;
            return this;
        }

        /** Reads every weight and refuses the file when one is not a number. Slow for large models. */
        public Builder checkTensors(boolean check) {
            this.checkTensors = check;
            return this;
        }

        /** Whether the CPU backend may rearrange weights for speed; costs memory beside a mapped file. */
        public Builder repackWeights(boolean repack) {
            this.repackWeights = repack;
            return this;
        }

        /**
         * Whether weights in system memory lie where the GPU can fetch them directly; without, the CPU may rearrange
         * them. ({@code no_host})
         */
        public Builder pinnedHostBuffers(boolean pinned) {
            this.pinnedHostBuffers = pinned;
            return this;
        }

        /** Whether to load the layers that predict several tokens ahead, in models that have them. ({@code load_mtp}) */
        public Builder multiTokenPrediction(boolean load) {
            this.multiTokenPrediction = load;
            return this;
        }

        /** When to read tensors that are used a few rows at a time only as their rows are used. */
        public Builder lazyMode(LazyMode mode) {
            this.lazyMode = Objects.requireNonNull(mode, "lazyMode");
            return this;
        }

        /** Told about progress while the model loads, and able to cancel it. */
        public Builder progress(ProgressListener listener) {
            this.progress = Objects.requireNonNull(listener, "progress");
            return this;
        }

        /**
         * Whether what cannot fit is refused before it is allocated, of the model and of its contexts; true unless set.
         * Without, {@link InsufficientMemoryException} is not thrown for a plan: for machines on which the plan is wrong. What
         * does not fit then fails as the system or the driver has it, which may end the process, and so is best left to an
         * isolated engine.
         */
        public Builder memoryCheck(boolean check) {
            this.memoryCheck = check;
            return this;
        }

        /** Whether the files are checked before they are loaded. */
        public Builder trust(ModelTrust trust) {
            this.trust = Objects.requireNonNull(trust, "trust");
            return this;
        }

        /** The options as set so far. */
        public ModelOptions build() {
            return new ModelOptions(this);
        }
    }
}
