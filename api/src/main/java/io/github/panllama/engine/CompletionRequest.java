package io.github.panllama.engine;

import io.github.panllama.SamplingOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an engine shall generate: a prompt, how to choose tokens, when to end, and how urgent it is.
 *
 * <p><b>Threads.</b> Immutable; may be shared and submitted again. A builder belongs to one thread.
 */
public final class CompletionRequest {
    private static final int DEFAULT_MAX_TOKENS = 256;

    final @Nullable String prompt;
    final int[] promptTokens;
    final int maxTokens;
    final SamplingOptions sampling;
    final List<String> stopTexts;
    final Set<Integer> stopTokens;
    final boolean ignoreEndOfGeneration;
    final int priority;
    final @Nullable Duration timeout;

    private CompletionRequest(Builder builder) {
        prompt = builder.prompt;
        promptTokens = builder.promptTokens;
        maxTokens = builder.maxTokens;
        sampling = builder.sampling;
        stopTexts = List.copyOf(builder.stopTexts);
        stopTokens = Set.copyOf(builder.stopTokens);
        ignoreEndOfGeneration = builder.ignoreEndOfGeneration;
        priority = builder.priority;
        timeout = builder.timeout;
    }

    /** A request with the default options, for a prompt in which special tokens that are written out count as such. */
    public static CompletionRequest of(String prompt) {
        return builder(prompt).build();
    }

    /** A builder for a prompt of text, in which special tokens that are written out count as such. */
    public static Builder builder(String prompt) {
        return new Builder(Objects.requireNonNull(prompt, "prompt"), new int[0]);
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
        private final List<String> stopTexts = new ArrayList<>();
        private final Set<Integer> stopTokens = new LinkedHashSet<>();
        private boolean ignoreEndOfGeneration;
        private int priority;
        private @Nullable Duration timeout;

        private Builder(@Nullable String prompt, int[] promptTokens) {
            this.prompt = prompt;
            this.promptTokens = promptTokens;
        }

        /**
         * The most tokens to generate; without this, {@value #DEFAULT_MAX_TOKENS}. A request waits until the KV cache
         * has room for its prompt and so many tokens.
         *
         * @param tokens 1 or more
         */
        public Builder maxTokens(int tokens) {
            if (tokens < 1) {
                throw new IllegalArgumentException("maxTokens is %d, must be positive".formatted(tokens));
            }
            this.maxTokens = tokens;
            return this;
        }

        /** How to choose tokens. */
        public Builder sampling(SamplingOptions sampling) {
            this.sampling = Objects.requireNonNull(sampling, "sampling");
            return this;
        }

        /** Ends the generation before one of these texts, which is not given out; in addition to those set before. */
        public Builder stop(String... texts) {
            for (String text : texts) {
                if (text.isEmpty()) {
                    throw new IllegalArgumentException("A stop text is empty; it would end every generation at once");
                }
                stopTexts.add(text);
            }
            return this;
        }

        /** Ends the generation at one of these tokens, which is not given out; in addition to those set before. */
        public Builder stopTokens(int... tokens) {
            for (int token : tokens) {
                if (token < 0) {
                    throw new IllegalArgumentException("A stop token is %d, must not be negative".formatted(token));
                }
                stopTokens.add(token);
            }
            return this;
        }

        /**
         * Goes on after a token by which the model ends its answer ("ignore EOS"), which is then one of the tokens;
         * false unless set. For benchmarks, where each answer shall be as long as it may be.
         */
        public Builder ignoreEndOfGeneration(boolean ignore) {
            this.ignoreEndOfGeneration = ignore;
            return this;
        }

        /**
         * Goes before requests of a lower priority while it waits; 0 unless set. Waiting raises it, so that all have a
         * turn.
         */
        public Builder priority(int priority) {
            this.priority = priority;
            return this;
        }

        /**
         * Ends the generation this long after it was submitted, whatever it has by then, with
         * {@link io.github.panllama.FinishReason#DEADLINE}.
         */
        public Builder timeout(Duration timeout) {
            if (timeout.isNegative() || timeout.isZero()) {
                throw new IllegalArgumentException("timeout is %s, must be positive".formatted(timeout));
            }
            this.timeout = timeout;
            return this;
        }

        /** The request as set so far. */
        public CompletionRequest build() {
            return new CompletionRequest(this);
        }
    }
}
