package io.github.panllama.engine;

import io.github.panllama.LoraAdapter;
import io.github.panllama.SamplingOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an engine shall generate: a prompt, how to choose tokens, when to end, and how urgent it is.
 *
 * <p><b>Threads.</b> Immutable; may be shared and submitted again. A builder belongs to one thread.
 */
public final class CompletionRequest {
    /** The most alternatives that {@link Builder#logprobs} gives for each token. */
    public static final int MAX_LOGPROBS = 100;

    private static final int DEFAULT_MAX_TOKENS = 256;
    /** Models lean on the very first tokens, whatever they are. */
    private static final int DEFAULT_KEEP_TOKENS = 4;

    final @Nullable String prompt;
    final int[] promptTokens;
    final int maxTokens;
    final SamplingOptions sampling;
    final List<String> stopTexts;
    final Set<Integer> stopTokens;
    final OptionalInt logprobs;
    final Map<LoraAdapter, Float> adapters;
    final Map<String, Float> namedAdapters;
    final boolean ignoreEndOfGeneration;
    final int priority;
    final @Nullable Duration timeout;
    final ContextFullPolicy contextFull;
    final int keepTokens;
    final @Nullable Speculation speculation;

    private CompletionRequest(Builder builder) {
        prompt = builder.prompt;
        promptTokens = builder.promptTokens;
        maxTokens = builder.maxTokens;
        sampling = builder.sampling;
        stopTexts = List.copyOf(builder.stopTexts);
        stopTokens = Set.copyOf(builder.stopTokens);
        logprobs = builder.logprobs;
        adapters = builder.adapters;
        namedAdapters = Map.copyOf(builder.namedAdapters);
        ignoreEndOfGeneration = builder.ignoreEndOfGeneration;
        priority = builder.priority;
        timeout = builder.timeout;
        contextFull = builder.contextFull;
        keepTokens = builder.keepTokens;
        speculation = builder.speculation;
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

    private CompletionRequest(
            CompletionRequest other, Map<LoraAdapter, Float> adapters, @Nullable Speculation speculation) {
        prompt = other.prompt;
        promptTokens = other.promptTokens;
        maxTokens = other.maxTokens;
        sampling = other.sampling;
        stopTexts = other.stopTexts;
        stopTokens = other.stopTokens;
        logprobs = other.logprobs;
        this.adapters = adapters;
        namedAdapters = Map.of();
        ignoreEndOfGeneration = other.ignoreEndOfGeneration;
        priority = other.priority;
        timeout = other.timeout;
        contextFull = other.contextFull;
        keepTokens = other.keepTokens;
        this.speculation = speculation;
    }

    /** The same with other adapters, none of them by name, and another speculation. */
    CompletionRequest with(Map<LoraAdapter, Float> otherAdapters, @Nullable Speculation otherSpeculation) {
        return new CompletionRequest(this, Map.copyOf(otherAdapters), otherSpeculation);
    }

    /** The texts that end the generation, in the order in which they were given; none unless set. */
    public List<String> stopTexts() {
        return stopTexts;
    }

    /** Collects a request; each setter returns the builder. */
    public static final class Builder {
        private final @Nullable String prompt;
        private final int[] promptTokens;
        private int maxTokens = DEFAULT_MAX_TOKENS;
        private SamplingOptions sampling = SamplingOptions.defaults();
        private final List<String> stopTexts = new ArrayList<>();
        private final Set<Integer> stopTokens = new LinkedHashSet<>();
        private OptionalInt logprobs = OptionalInt.empty();
        private Map<LoraAdapter, Float> adapters = Map.of();
        private final Map<String, Float> namedAdapters = new HashMap<>();
        private boolean ignoreEndOfGeneration;
        private int priority;
        private @Nullable Duration timeout;
        private ContextFullPolicy contextFull = ContextFullPolicy.STOP;
        private int keepTokens = DEFAULT_KEEP_TOKENS;
        private @Nullable Speculation speculation;

        private Builder(@Nullable String prompt, int[] promptTokens) {
            this.prompt = prompt;
            this.promptTokens = promptTokens;
        }

        /**
         * The most tokens to generate; without this, {@value #DEFAULT_MAX_TOKENS}.
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
         * Tells with each token how likely the model found it before sampling, and which tokens were likeliest:
         * {@link CompletionResult#logprobs}, {@link GenerationChunk#logprob}. Without this, nothing of it is computed.
         *
         * @param alternatives tokens to name for each, at most {@value CompletionRequest#MAX_LOGPROBS} and the
         *     vocabulary's size; 0 for the chosen one's own likelihood alone
         */
        public Builder logprobs(int alternatives) {
            if (alternatives < 0 || alternatives > MAX_LOGPROBS) {
                throw new IllegalArgumentException(
                        "logprobs is %d, must be in [0, %d]".formatted(alternatives, MAX_LOGPROBS));
            }
            this.logprobs = OptionalInt.of(alternatives);
            return this;
        }

        /**
         * Applies these adapters to the model for this request, each with its scale; none unless set. Requests with
         * other adapters are computed in other steps, which take turns: the fewer kinds there are at the same time, the
         * faster each is. What was computed for a prompt serves only requests with the same adapters and scales.
         *
         * <p>Close an adapter when its generations have ended: closing it before ends them with
         * {@link IllegalStateException}.
         *
         * @throws IllegalArgumentException if a scale is not a finite number
         */
        public Builder adapters(Map<LoraAdapter, Float> scales) {
            Map<LoraAdapter, Float> copy = Map.copyOf(scales);
            copy.forEach((adapter, scale) -> checkScale(adapter.file(), scale));
            this.adapters = copy;
            return this;
        }

        /**
         * Applies an adapter that the engine has by this name, {@link EngineOptions.Builder#adapter}, beside others. As
         * with {@link #adapters}, which knows none of an isolated engine's.
         *
         * @throws IllegalArgumentException if the scale is not a finite number
         */
        public Builder adapter(String name, float scale) {
            checkScale(Objects.requireNonNull(name, "name"), scale);
            namedAdapters.put(name, scale);
            return this;
        }

        private static void checkScale(Object adapter, float scale) {
            if (!Float.isFinite(scale)) {
                throw new IllegalArgumentException(
                        "The scale of the adapter %s is %s, must be finite".formatted(adapter, scale));
            }
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

        /**
         * What to do when the context is full before the end; {@link ContextFullPolicy#STOP} unless set.
         * {@link ContextFullPolicy#SHIFT} needs a model whose memory can be shifted.
         */
        public Builder contextFull(ContextFullPolicy policy) {
            this.contextFull = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Tokens at the start that {@link ContextFullPolicy#SHIFT} never forgets, such as a system prompt's;
         * {@value #DEFAULT_KEEP_TOKENS} unless set. At most half of the context is kept. ({@code n_keep})
         *
         * @param tokens 0 or more
         */
        public Builder keepTokens(int tokens) {
            if (tokens < 0) {
                throw new IllegalArgumentException("keepTokens is %d, must not be negative".formatted(tokens));
            }
            this.keepTokens = tokens;
            return this;
        }

        /**
         * Lets the generation guess its next tokens, so that it takes fewer steps; what it generates is the same. It does
         * not guess unless this is set.
         */
        public Builder speculation(Speculation speculation) {
            this.speculation = Objects.requireNonNull(speculation, "speculation");
            return this;
        }

        /** The request as set so far. */
        public CompletionRequest build() {
            return new CompletionRequest(this);
        }
    }
}
