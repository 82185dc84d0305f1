package io.github.panllama.evaluation;

import io.github.panllama.ContextOptions;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * How a text is cut into windows and computed. The defaults are those of upstream's {@code llama-perplexity}, so that
 * figures compare: windows of {@value #DEFAULT_WINDOW_SIZE} tokens that do not overlap, the second half of each counted.
 *
 * <p><b>Threads.</b> Immutable; may be shared. A builder belongs to one thread.
 */
public final class WindowOptions {
    static final int DEFAULT_WINDOW_SIZE = 512;
    private static final int DEFAULT_BATCH_SIZE = 2048;

    final @Nullable Integer windowSize;
    final int stride;
    final int maxChunks;
    final int batchSize;
    final IntPredicate counted;
    final Consumer<ContextOptions.Builder> context;
    final Consumer<ContextOptions.Builder> candidateContext;
    final EvaluationListener listener;

    private WindowOptions(Builder builder) {
        windowSize = builder.windowSize;
        stride = builder.stride;
        maxChunks = builder.maxChunks;
        batchSize = builder.batchSize;
        counted = builder.counted;
        context = builder.context;
        candidateContext = builder.candidateContext == null ? builder.context : builder.candidateContext;
        listener = builder.listener;
    }

    /** The defaults. */
    public static WindowOptions defaults() {
        return builder().build();
    }

    /** A builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options; each setter returns the builder. */
    public static final class Builder {
        private @Nullable Integer windowSize;
        private int stride;
        private int maxChunks = Integer.MAX_VALUE;
        private int batchSize = DEFAULT_BATCH_SIZE;
        private IntPredicate counted = index -> true;
        private Consumer<ContextOptions.Builder> context = builder -> {};
        private @Nullable Consumer<ContextOptions.Builder> candidateContext;
        private EvaluationListener listener = progress -> true;

        private Builder() {}

        /**
         * Tokens of a window; without this, {@value #DEFAULT_WINDOW_SIZE}, or what the model was trained for if that is
         * less. ({@code --ctx-size})
         *
         * @param tokens at least 4
         */
        public Builder windowSize(int tokens) {
            this.windowSize = Bounds.check("windowSize", tokens, 4, ContextOptions.MAX_BATCH_SIZE);
            return this;
        }

        /**
         * Lets windows overlap, each beginning this many tokens after the one before, and counts the last so many
         * tokens of each; 0 for windows that do not overlap. ({@code --ppl-stride})
         *
         * <p>As upstream does it, the window then has half a stride more than {@link #windowSize} says, rounded up as
         * the context rounds, and keeps its own first token where the model wants its begin-of-text token.
         */
        public Builder stride(int tokens) {
            this.stride = Bounds.check("stride", tokens, 0, ContextOptions.MAX_BATCH_SIZE);
            return this;
        }

        /** Stops after this many windows; without this, at the end of the text. ({@code --chunks}) */
        public Builder maxChunks(int chunks) {
            this.maxChunks = Bounds.check("maxChunks", chunks, 1, Integer.MAX_VALUE);
            return this;
        }

        /**
         * Tokens that are computed in one batch; without this, {@value #DEFAULT_BATCH_SIZE}. As many windows as fit are
         * computed together, as sequences of their own. ({@code --batch-size})
         */
        public Builder batchSize(int tokens) {
            this.batchSize = Bounds.check("batchSize", tokens, 1, ContextOptions.MAX_BATCH_SIZE);
            return this;
        }

        /**
         * Counts no other tokens than these: of a conversation, say, the replies alone, because no model can expect what
         * a user asks. The rules above hold beside it.
         *
         * @param tokens whether the token with an index, from 0, in the text's tokens may be counted
         */
        public Builder countedTokens(IntPredicate tokens) {
            this.counted = Objects.requireNonNull(tokens, "tokens");
            return this;
        }

        /**
         * What else the contexts shall have: threads, the type of the KV cache, flash attention. Sizes and sequences
         * are set by the evaluation.
         */
        public Builder context(Consumer<ContextOptions.Builder> settings) {
            this.context = Objects.requireNonNull(settings, "settings");
            return this;
        }

        /**
         * What the candidate's context shall have in a comparison, such as types of the KV cache; without this, the same
         * as the reference's. A model compared with itself shows what such a setting costs.
         *
         * @param settings changes the context's options; sizes and sequences are set afterwards
         */
        public Builder candidateContext(Consumer<ContextOptions.Builder> settings) {
            this.candidateContext = Objects.requireNonNull(settings, "settings");
            return this;
        }

        /** Told how far the evaluation has come; may cancel it. */
        public Builder listener(EvaluationListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /** The options as set so far. */
        public WindowOptions build() {
            return new WindowOptions(this);
        }
    }
}
