package io.github.panllama.embedding;

import io.github.panllama.ContextOptions;
import io.github.panllama.PoolingType;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How an {@link Embedder} makes embeddings. The defaults are those of {@code llama-server}: the model's own pooling,
 * vectors of length 1, special tokens that are written out in a text count as such, and a text that is too long is
 * refused.
 *
 * <p><b>Threads.</b> Immutable; may be shared. A builder belongs to one thread.
 */
public final class EmbedderOptions {
    final PoolingType pooling;
    final @Nullable Normalization normalization;
    final Truncation truncation;
    final boolean parseSpecial;
    final BatchSettings batches;

    private EmbedderOptions(Builder builder) {
        pooling = builder.pooling;
        normalization = builder.normalization;
        truncation = builder.truncation;
        parseSpecial = builder.parseSpecial;
        batches = builder.batches;
    }

    /** The defaults. */
    public static EmbedderOptions defaults() {
        return builder().build();
    }

    /** A builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options; each setter returns the builder. */
    public static final class Builder {
        private PoolingType pooling = PoolingType.UNSPECIFIED;
        private @Nullable Normalization normalization;
        private Truncation truncation = Truncation.REFUSE;
        private boolean parseSpecial = true;
        private BatchSettings batches = BatchSettings.DEFAULT;

        private Builder() {}

        /**
         * How the embeddings of a text's tokens become one; without this, as the model's file says, and the mean where
         * it says nothing.
         *
         * @param pooling {@link PoolingType#NONE} for an embedding of each token
         * @throws IllegalArgumentException for {@link PoolingType#RANK}, which is what a {@link Reranker} does
         */
        public Builder pooling(PoolingType pooling) {
            if (Objects.requireNonNull(pooling, "pooling") == PoolingType.RANK) {
                throw new IllegalArgumentException("pooling is RANK, which gives scores: use a Reranker");
            }
            this.pooling = pooling;
            return this;
        }

        /**
         * How the numbers are scaled; without this {@link Normalization#EUCLIDEAN}, and not at all for embeddings of
         * each token.
         */
        public Builder normalization(Normalization normalization) {
            this.normalization = Objects.requireNonNull(normalization, "normalization");
            return this;
        }

        /** What becomes of a text that has more tokens than {@link #maxTokens}; without this it is refused. */
        public Builder truncation(Truncation truncation) {
            this.truncation = Objects.requireNonNull(truncation, "truncation");
            return this;
        }

        /**
         * Whether a special token that is written out in a text, such as {@code <|im_end|>}, becomes that token;
         * {@code true} without this. Set it to {@code false} for texts from people that one does not trust.
         */
        public Builder parseSpecial(boolean parse) {
            this.parseSpecial = parse;
            return this;
        }

        /**
         * Tokens of the longest text, those that the model adds included; without this, as many as the model was
         * trained for, up to {@value BatchSettings#DEFAULT_MAX_TOKENS}. Memory for so many is taken in any case.
         *
         * @param tokens no more than {@link io.github.panllama.LlamaModel#trainingContextSize()}
         */
        public Builder maxTokens(int tokens) {
            this.batches = batches.withMaxTokens(tokens);
            return this;
        }

        /**
         * Tokens that texts are packed into, to be computed together; without this,
         * {@value BatchSettings#DEFAULT_BATCH_SIZE}. A longer text is computed alone. In a larger batch each token is
         * compared with more of other texts, in vain; a GPU may still be faster with one.
         */
        public Builder batchSize(int tokens) {
            this.batches = batches.withBatchSize(tokens);
            return this;
        }

        /**
         * The most texts that are computed together; without this, as many as the library allows. Models with a
         * recurrent state compute one at a time.
         */
        public Builder maxSequences(int sequences) {
            this.batches = batches.withMaxSequences(sequences);
            return this;
        }

        /** Threads that compute; without this, half of the processors. */
        public Builder threads(int threads) {
            ContextOptions.builder().threads(threads); // refuses what cannot be
            return context(options -> options.threads(threads));
        }

        /**
         * What else the context shall have, such as flash attention or the type of the KV cache. Sizes, sequences and
         * pooling are set by the embedder.
         */
        public Builder context(Consumer<ContextOptions.Builder> settings) {
            this.batches = batches.withContext(Objects.requireNonNull(settings, "settings"));
            return this;
        }

        /** The options as set so far. */
        public EmbedderOptions build() {
            return new EmbedderOptions(this);
        }
    }
}
