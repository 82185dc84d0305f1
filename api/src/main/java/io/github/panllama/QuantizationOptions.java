package io.github.panllama;

import io.github.panllama.gguf.GgmlType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How to quantise a model. What is not set keeps the native library's own default
 * ({@code llama_model_quantize_default_params}).
 *
 * <p><b>Threads.</b> Immutable; may be shared. A builder belongs to one thread.
 */
public final class QuantizationOptions {
    /** Tensor types that are made for intermediate results or whole numbers, and that llama.cpp cannot quantise to. */
    private static final Set<GgmlType> NOT_FOR_WEIGHTS = EnumSet.of(
            GgmlType.Q8_1, GgmlType.Q8_K, GgmlType.I8, GgmlType.I16, GgmlType.I32, GgmlType.I64, GgmlType.F64);

    final QuantizationType type;
    final List<TensorTypeRule> rules;
    final @Nullable GgmlType outputTensorType;
    final @Nullable GgmlType tokenEmbeddingType;
    final @Nullable Path importanceMatrix;
    final @Nullable Integer threads;
    final @Nullable Long bufferBytes;
    final boolean leaveOutputTensor;
    final boolean pure;
    final boolean allowRequantize;
    final boolean keepSplit;
    final @Nullable ProgressListener progress;

    private QuantizationOptions(Builder builder) {
        type = builder.type;
        rules = List.copyOf(builder.rules);
        outputTensorType = builder.outputTensorType;
        tokenEmbeddingType = builder.tokenEmbeddingType;
        importanceMatrix = builder.importanceMatrix;
        threads = builder.threads;
        bufferBytes = builder.bufferBytes;
        leaveOutputTensor = builder.leaveOutputTensor;
        pure = builder.pure;
        allowRequantize = builder.allowRequantize;
        keepSplit = builder.keepSplit;
        progress = builder.progress;
    }

    /** The native library's defaults for a type. */
    public static QuantizationOptions of(QuantizationType type) {
        return builder(type).build();
    }

    /** A builder with nothing set but the type. */
    public static Builder builder(QuantizationType type) {
        return new Builder(type);
    }

    /** Whether tensors can be quantised to a type: all but those for whole numbers and intermediate results. */
    public static boolean canQuantizeTo(GgmlType type) {
        return !NOT_FOR_WEIGHTS.contains(Objects.requireNonNull(type, "type"));
    }

    /** Collects options; each setter returns the builder. */
    public static final class Builder {
        private final QuantizationType type;
        private final List<TensorTypeRule> rules = new ArrayList<>();
        private @Nullable GgmlType outputTensorType;
        private @Nullable GgmlType tokenEmbeddingType;
        private @Nullable Path importanceMatrix;
        private @Nullable Integer threads;
        private @Nullable Long bufferBytes;
        private boolean leaveOutputTensor;
        private boolean pure;
        private boolean allowRequantize;
        private boolean keepSplit;
        private @Nullable ProgressListener progress;

        private Builder(QuantizationType type) {
            this.type = Objects.requireNonNull(type, "type");
        }

        /**
         * A type for the tensors whose names a pattern finds, instead of the one that the recipe chooses: mixed
         * precision. The first pattern that finds a name decides. Tensors that are never quantised, such as norms, are
         * not touched. Works with types that are quantised themselves; for a model that is mostly F16, choose
         * {@link QuantizationType#Q8_0} and end with {@code tensorType(".*", GgmlType.F16)}.
         *
         * @param pattern a {@link java.util.regex.Pattern}, looked for anywhere in the name, such as
         *     {@code ffn_down} or {@code ^blk\.[0-3]\.}
         * @param type what they become
         * @throws IllegalArgumentException if the pattern is no regular expression, or tensors cannot have the type
         */
        public Builder tensorType(String pattern, GgmlType type) {
            rules.add(TensorTypeRule.of(pattern, checked("tensorType", type)));
            return this;
        }

        /**
         * The type of {@code output.weight}, or, where a model has none, of the token embeddings that take its place.
         *
         * @throws IllegalArgumentException if tensors cannot have the type
         */
        public Builder outputTensorType(GgmlType type) {
            this.outputTensorType = checked("outputTensorType", type);
            return this;
        }

        /**
         * The type of the token embeddings.
         *
         * @throws IllegalArgumentException if tensors cannot have the type
         */
        public Builder tokenEmbeddingType(GgmlType type) {
            this.tokenEmbeddingType = checked("tokenEmbeddingType", type);
            return this;
        }

        /** Copies {@code output.weight} as it is. */
        public Builder leaveOutputTensor() {
            this.leaveOutputTensor = true;
            return this;
        }

        /** The one type for every tensor that is quantised: no recipe. */
        public Builder pure() {
            this.pure = true;
            return this;
        }

        /** Allows a source that is quantised already. What it lost is not regained, and more is lost. */
        public Builder allowRequantize() {
            this.allowRequantize = true;
            return this;
        }

        /**
         * How much the columns of each tensor matter: a file that llama.cpp's {@code imatrix} tool wrote, GGUF or of its
         * older format.
         */
        public Builder importanceMatrix(Path file) {
            this.importanceMatrix = Objects.requireNonNull(file, "file");
            return this;
        }

        /** Writes a model in several files into as many; otherwise it becomes one. */
        public Builder keepSplit() {
            this.keepSplit = true;
            return this;
        }

        /** Threads that quantise; without this, one for each processor. */
        public Builder threads(int threads) {
            this.threads = Check.range("threads", threads, 1, LlamaContext.MAX_THREADS);
            return this;
        }

        /** The most bytes of a tensor's rows to have in memory at once, outside the Java heap; without this, 8 GiB. */
        public Builder bufferBytes(long bytes) {
            if (bytes <= 0) {
                throw new IllegalArgumentException("bufferBytes is %d, must be positive".formatted(bytes));
            }
            this.bufferBytes = bytes;
            return this;
        }

        /**
         * Told how far the work is, by the bytes that were read; {@code false} ends it before the next tensor, and leaves
         * nothing behind. A tensor that is being converted is finished first.
         */
        public Builder progress(ProgressListener listener) {
            this.progress = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if some of them contradict each other
         */
        public QuantizationOptions build() {
            if (!rules.isEmpty() && !type.tensorType().isQuantized()) {
                throw new IllegalArgumentException(
                        "tensorType has no effect beside %s: choose Q8_0, and end with tensorType(\".*\", %s)"
                                .formatted(type, type));
            }
            if (leaveOutputTensor && outputTensorType != null) {
                throw new IllegalArgumentException(
                        "leaveOutputTensor and outputTensorType %s exclude each other".formatted(outputTensorType));
            }
            return new QuantizationOptions(this);
        }

        private static GgmlType checked(String what, GgmlType type) {
            if (!canQuantizeTo(type)) {
                throw new IllegalArgumentException(
                        "%s is %s, which is not for weights".formatted(what, type.ggmlName()));
            }
            return type;
        }
    }
}
