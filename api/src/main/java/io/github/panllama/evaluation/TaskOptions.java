package io.github.panllama.evaluation;

import io.github.panllama.ContextOptions;
import io.github.panllama.SamplingOptions;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How questions are put to a model.
 *
 * <p><b>Threads.</b> Immutable; may be shared. A builder belongs to one thread.
 */
public final class TaskOptions {
    private static final int DEFAULT_SEQUENCES = 32;
    private static final int DEFAULT_BATCH_SIZE = 2048;

    final int sequences;
    final int batchSize;
    final SamplingOptions sampling;
    final Consumer<ContextOptions.Builder> context;
    final EvaluationListener listener;

    private TaskOptions(Builder builder) {
        sequences = builder.sequences;
        batchSize = builder.batchSize;
        sampling = builder.sampling;
        context = builder.context;
        listener = builder.listener;
    }

    /** The defaults. */
    public static TaskOptions defaults() {
        return builder().build();
    }

    /** A builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options; each setter returns the builder. */
    public static final class Builder {
        private int sequences = DEFAULT_SEQUENCES;
        private int batchSize = DEFAULT_BATCH_SIZE;
        private SamplingOptions sampling = SamplingOptions.greedy();
        private Consumer<ContextOptions.Builder> context = builder -> {};
        private EvaluationListener listener = progress -> true;

        private Builder() {}

        /** Questions that are answered at the same time; without this, {@value #DEFAULT_SEQUENCES}. */
        public Builder sequences(int sequences) {
            this.sequences = Bounds.check("sequences", sequences, 1, 1 << 16);
            return this;
        }

        /** Tokens that are computed in one batch; without this, {@value #DEFAULT_BATCH_SIZE}. */
        public Builder batchSize(int tokens) {
            this.batchSize = Bounds.check("batchSize", tokens, 1, ContextOptions.MAX_BATCH_SIZE);
            return this;
        }

        /** How tokens are chosen; without this, always the likeliest. Every question begins with the same seed. */
        public Builder sampling(SamplingOptions sampling) {
            this.sampling = Objects.requireNonNull(sampling, "sampling");
            return this;
        }

        /**
         * What else the context shall have: threads, the type of the KV cache, flash attention. Sizes and sequences are
         * set by the evaluation, from the longest question.
         */
        public Builder context(Consumer<ContextOptions.Builder> settings) {
            this.context = Objects.requireNonNull(settings, "settings");
            return this;
        }

        /** Told how far the evaluation has come; may cancel it. */
        public Builder listener(EvaluationListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /** The options as set so far. */
        public TaskOptions build() {
            return new TaskOptions(this);
        }
    }
}
