package io.github.panllama;

import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What to generate: a prompt, how to choose tokens, when to end.
 *
 * <p><b>Threads.</b> Immutable; may be shared. A builder belongs to one thread.
 */
public final class GenerationRequest {
    private static final int DEFAULT_MAX_TOKENS = 256;

    final @Nullable String prompt;
    final int[] promptTokens;
    final int maxTokens;
    final SamplingOptions sampling;
    final Consumer<String> onText;
    final IntConsumer onToken;

    private GenerationRequest(Builder builder) {
        prompt = builder.prompt;
        promptTokens = builder.promptTokens;
        maxTokens = builder.maxTokens;
        sampling = builder.sampling;
        onText = builder.onText;
        onToken = builder.onToken;
    }

    /** A builder for a prompt of text, in which special tokens that are written out count as such. */
    public static Builder builder(String prompt) {
        Objects.requireNonNull(prompt, "prompt");
        return new Builder(prompt, new int[0]);
    }

    /** A builder for a prompt of tokens, taken as they are. */
    public static Builder builder(int[] promptTokens) {
        return new Builder(null, promptTokens.clone());
    }

    /** Collects a request; each setter returns the builder. */
    public static final class Builder {
        private final @Nullable String prompt;
        private final int[] promptTokens;
        private int maxTokens = DEFAULT_MAX_TOKENS;
        private SamplingOptions sampling = SamplingOptions.defaults();
        private Consumer<String> onText = text -> {};
        private IntConsumer onToken = token -> {};

        private Builder(@Nullable String prompt, int[] promptTokens) {
            this.prompt = prompt;
            this.promptTokens = promptTokens;
        }

        /** The most tokens to generate; without this, {@value #DEFAULT_MAX_TOKENS}. */
        public Builder maxTokens(int tokens) {
            this.maxTokens = Check.notNegative("maxTokens", tokens);
            return this;
        }

        /** How to choose tokens. */
        public Builder sampling(SamplingOptions sampling) {
            this.sampling = Objects.requireNonNull(sampling, "sampling");
            return this;
        }

        /** Told of the text as it comes, in whole characters, on the generating thread. */
        public Builder onText(Consumer<String> listener) {
            this.onText = Objects.requireNonNull(listener, "onText");
            return this;
        }

        /** Told of each token as it comes, on the generating thread. */
        public Builder onToken(IntConsumer listener) {
            this.onToken = Objects.requireNonNull(listener, "onToken");
            return this;
        }

        /** The request as set so far. */
        public GenerationRequest build() {
            return new GenerationRequest(this);
        }
    }
}
