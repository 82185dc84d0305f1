package io.github.panllama;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The usual choices of sampling by their usual names, put into the usual order: reasoning budget, bias, grammar, penalties,
 * DRY, top-n-sigma, top-k, typical, top-p, min-p, XTC, temperature, choice. What is not set is left out. For another order,
 * give {@link SamplerStage}s to {@link Sampler#of(LlamaModel, List)}.
 *
 * <p><b>Threads.</b> Immutable; may be shared. A builder belongs to one thread.
 */
public final class SamplingOptions {
    private final List<SamplerStage> stages;

    private SamplingOptions(List<SamplerStage> stages) {
        this.stages = List.copyOf(stages);
    }

    /**
     * Any stages in any order, as {@link Sampler#of(LlamaModel, List)} takes them.
     *
     * @throws IllegalArgumentException if the last stage does not select a token
     */
    public static SamplingOptions of(List<SamplerStage> stages) {
        if (stages.isEmpty() || !stages.getLast().selects()) {
            throw new IllegalArgumentException(
                    "The last of the %d stages does not select a token: end with Greedy,".formatted(stages.size())
                            + " Distribution, Mirostat, MirostatV2 or AdaptiveP");
        }
        return new SamplingOptions(stages);
    }

    /** Always the likeliest token. */
    public static SamplingOptions greedy() {
        return builder().temperature(0).build();
    }

    /** A choice like that of most programs: temperature 0.8 among the 40 best, top-p 0.95, min-p 0.05. */
    public static SamplingOptions defaults() {
        return defaultsBuilder().build();
    }

    /** A builder with the {@link #defaults()} set, to change some of them. */
    public static Builder defaultsBuilder() {
        return builder().temperature(0.8f).topK(40).topP(0.95f).minP(0.05f);
    }

    /** A builder with nothing set: every token with its own probability. */
    public static Builder builder() {
        return new Builder();
    }

    /** The stages that these options stand for. */
    public List<SamplerStage> stages() {
        return stages;
    }

    /**
     * These options with another stage before all others, such as what a chat's reply has to obey.
     *
     * @param first a stage that does not select a token
     */
    public SamplingOptions startingWith(SamplerStage first) {
        if (first.selects()) {
            throw new IllegalArgumentException("The stage %s selects a token, and would leave the others nothing"
                    .formatted(first.getClass().getSimpleName()));
        }
        List<SamplerStage> all = new ArrayList<>();
        all.add(first);
        all.addAll(stages);
        return new SamplingOptions(all);
    }

    /** Collects options; each setter returns the builder. */
    public static final class Builder {
        private final Map<Integer, Float> biases = new LinkedHashMap<>();
        private @Nullable SamplerStage reasoningBudget;
        private @Nullable SamplerStage grammar;
        private @Nullable SamplerStage penalties;
        private @Nullable SamplerStage dry;
        private @Nullable SamplerStage topNSigma;
        private @Nullable SamplerStage topK;
        private @Nullable SamplerStage typical;
        private @Nullable SamplerStage topP;
        private @Nullable SamplerStage minP;
        private @Nullable Float xtcProbability;
        private float xtcThreshold;
        private @Nullable SamplerStage temperature;
        private boolean greedy;
        private int seed = SamplerStage.RANDOM_SEED;

        private Builder() {}

        /** Divides the scores; 0 takes the likeliest token. */
        public Builder temperature(float temperature) {
            this.temperature = new SamplerStage.Temperature(temperature);
            this.greedy = temperature == 0;
            return this;
        }

        /** Makes choices reproducible. */
        public Builder seed(int seed) {
            this.seed = seed;
            return this;
        }

        /** Keeps the {@code k} best candidates; 0 for all. */
        public Builder topK(int k) {
            this.topK = new SamplerStage.TopK(k);
            return this;
        }

        /** Keeps the best candidates that together have the probability {@code p}. */
        public Builder topP(float p) {
            this.topP = new SamplerStage.TopP(p);
            return this;
        }

        /** Keeps the candidates at least {@code p} times as likely as the best one. */
        public Builder minP(float p) {
            this.minP = new SamplerStage.MinP(p);
            return this;
        }

        /** Keeps the candidates that are typical. */
        public Builder typical(float p) {
            this.typical = new SamplerStage.Typical(p);
            return this;
        }

        /** Keeps the candidates within {@code n} standard deviations of the best. */
        public Builder topNSigma(float n) {
            this.topNSigma = new SamplerStage.TopNSigma(n);
            return this;
        }

        /** Removes the likeliest candidates above a threshold, with some probability. */
        public Builder xtc(float probability, float threshold) {
            this.xtcProbability = Check.range("probability", probability, 0, 1);
            this.xtcThreshold = Check.range("threshold", threshold, 0, 1);
            return this;
        }

        /** Lowers the scores of tokens among the last {@code lookBack}: see {@link SamplerStage.Penalties}. */
        public Builder penalties(int lookBack, float repeat, float frequency, float presence) {
            this.penalties = new SamplerStage.Penalties(lookBack, repeat, frequency, presence);
            return this;
        }

        /** Lowers the scores of tokens that would go on with a repetition. */
        public Builder dry(SamplerStage.Dry dry) {
            this.dry = Objects.requireNonNull(dry, "dry");
            return this;
        }

        /** Adds to the score of a token; {@link Float#NEGATIVE_INFINITY} forbids it. */
        public Builder bias(int token, float bias) {
            Check.notNegative("token", token);
            biases.put(token, bias);
            return this;
        }

        /** Limits how long the model may think: see {@code ChatPrompt.reasoningBudget}, which knows its marks. */
        public Builder reasoningBudget(SamplerStage.ReasoningBudget budget) {
            this.reasoningBudget = Objects.requireNonNull(budget, "budget");
            return this;
        }

        /** Allows only what a grammar allows, in GBNF, starting with its rule {@code root}. */
        public Builder grammar(String grammar) {
            this.grammar = new SamplerStage.Grammar(grammar);
            return this;
        }

        /** The options as set so far. */
        public SamplingOptions build() {
            List<SamplerStage> stages = new ArrayList<>();
            add(stages, reasoningBudget);
            if (!biases.isEmpty()) {
                stages.add(new SamplerStage.LogitBias(biases));
            }
            add(stages, grammar);
            add(stages, penalties);
            add(stages, dry);
            if (greedy) {
                stages.add(new SamplerStage.Greedy());
                return new SamplingOptions(stages);
            }
            add(stages, topNSigma);
            add(stages, topK);
            add(stages, typical);
            add(stages, topP);
            add(stages, minP);
            if (xtcProbability != null) {
                stages.add(new SamplerStage.Xtc(xtcProbability, xtcThreshold, 1, seed));
            }
            add(stages, temperature);
            stages.add(new SamplerStage.Distribution(seed));
            return new SamplingOptions(stages);
        }

        private static void add(List<SamplerStage> stages, @Nullable SamplerStage stage) {
            if (stage != null) {
                stages.add(stage);
            }
        }
    }
}
