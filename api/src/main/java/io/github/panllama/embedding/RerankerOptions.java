package io.github.panllama.embedding;

import io.github.panllama.ContextOptions;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How a {@link Reranker} computes.
 *
 * <p><b>Threads.</b> Immutable; may be shared. A builder belongs to one thread.
 */
public final class RerankerOptions {
    final Truncation truncation;
    final BatchSettings batches;

    private RerankerOptions(Builder builder) {
        truncation = builder.truncation;
        batches = builder.batches;
    }

    /** The defaults. */
    public static RerankerOptions defaults() {
        return builder().build();
    }

    /** A builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options; each setter returns the builder. */
    public static final class Builder {
        private Truncation truncation = Truncation.REFUSE;
        private BatchSettings batches = BatchSettings.DEFAULT;

        private Builder() {}

        /**
         * What becomes of a document that has, with its query, more tokens than {@link #maxTokens}; without this it is
         * refused. A query is never cut.
         */
        public Builder truncation(Truncation truncation) {
            this.truncation = Objects.requireNonNull(truncation, "truncation");
            return this;
        }

        /**
         * Tokens of the longest pair of query and document; without this, as many as the model was trained for, up to
         * {@value BatchSettings#DEFAULT_MAX_TOKENS}. Memory for so many is taken in any case.
         *
         * @param tokens no more than {@link io.github.panllama.LlamaModel#trainingContextSize()}
         */
        public Builder maxTokens(int tokens) {
            this.batches = batches.withMaxTokens(tokens);
            return this;
        }

        /**
         * Tokens that pairs are packed into, to be computed together; without this,
         * {@value BatchSettings#DEFAULT_BATCH_SIZE}. A longer pair is computed alone.
         */
        public Builder batchSize(int tokens) {
            this.batches = batches.withBatchSize(tokens);
            return this;
        }

        /** The most pairs that are computed together; without this, as many as the library allows. */
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
         * pooling are set by the reranker.
         */
        public Builder context(Consumer<ContextOptions.Builder> settings) {
            this.batches = batches.withContext(Objects.requireNonNull(settings, "settings"));
            return this;
        }

        /** The options as set so far. */
        public RerankerOptions build() {
            return new RerankerOptions(this);
        }
    }
}
