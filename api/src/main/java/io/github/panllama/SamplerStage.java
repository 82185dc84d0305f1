package io.github.panllama;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One step of a {@link Sampler}: it removes candidates, changes their scores, or selects one. The steps run in the order
 * of the chain; the last one must be one that selects: {@link Greedy}, {@link Distribution}, {@link Mirostat},
 * {@link MirostatV2} or {@link AdaptiveP}.
 *
 * <p>A {@code minKeep} is the number of candidates that a stage always leaves. A {@code seed} makes the choices
 * reproducible; {@link #RANDOM_SEED} takes another one each time.
 */
public sealed interface SamplerStage {
    /** A seed that is another one each time. ({@code LLAMA_DEFAULT_SEED}) */
    int RANDOM_SEED = -1;

    /** The most tokens that a stage looks back at. */
    int MAX_LOOK_BACK = 1 << 20;

    /** Whether the stage selects a token, and so may end a chain. */
    default boolean selects() {
        return false;
    }

    /** Selects the candidate with the largest score. */
    record Greedy() implements SamplerStage {
        @Override
        public boolean selects() {
            return true;
        }
    }

    /** Selects a candidate at random, each with its probability. */
    record Distribution(int seed) implements SamplerStage {
        @Override
        public boolean selects() {
            return true;
        }
    }

    /** Keeps the {@code k} best candidates; all of them when {@code k} is 0. */
    record TopK(int k) implements SamplerStage {
        public TopK {
            Check.notNegative("k", k);
        }
    }

    /** Keeps the best candidates that together have the probability {@code p} (nucleus sampling). */
    record TopP(float p, int minKeep) implements SamplerStage {
        public TopP {
            Check.range("p", p, 0, 1);
            Check.notNegative("minKeep", minKeep);
        }

        /** Leaves at least one candidate. */
        public TopP(float p) {
            this(p, 1);
        }
    }

    /** Keeps the candidates that are at least {@code p} times as likely as the best one. */
    record MinP(float p, int minKeep) implements SamplerStage {
        public MinP {
            Check.range("p", p, 0, 1);
            Check.notNegative("minKeep", minKeep);
        }

        /** Leaves at least one candidate. */
        public MinP(float p) {
            this(p, 1);
        }
    }

    /** Keeps the candidates that surprise about as much as expected (locally typical sampling). */
    record Typical(float p, int minKeep) implements SamplerStage {
        public Typical {
            Check.range("p", p, 0, 1);
            Check.notNegative("minKeep", minKeep);
        }

        /** Leaves at least one candidate. */
        public Typical(float p) {
            this(p, 1);
        }
    }

    /** Keeps the candidates within {@code n} standard deviations of the best score. */
    record TopNSigma(float n) implements SamplerStage {
        public TopNSigma {
            Check.finite("n", n);
        }
    }

    /** Divides the scores: below 1 the likely become likelier, above 1 all become more alike; 0 leaves the best. */
    record Temperature(float temperature) implements SamplerStage {
        public Temperature {
            Check.range("temperature", temperature, 0, Float.MAX_VALUE);
        }
    }

    /** A temperature between {@code temperature - range} and {@code temperature + range}, by the entropy. */
    record DynamicTemperature(float temperature, float range, float exponent) implements SamplerStage {
        public DynamicTemperature {
            Check.range("temperature", temperature, 0, Float.MAX_VALUE);
            Check.range("range", range, 0, Float.MAX_VALUE);
            Check.finite("exponent", exponent);
        }
    }

    /** With some probability, removes all but the least likely of the candidates above a threshold (XTC). */
    record Xtc(float probability, float threshold, int minKeep, int seed) implements SamplerStage {
        public Xtc {
            Check.range("probability", probability, 0, 1);
            Check.range("threshold", threshold, 0, 1);
            Check.notNegative("minKeep", minKeep);
        }
    }

    /** Selects so that the surprise stays near {@code tau} (Mirostat 1.0, estimated over {@code m} tokens). */
    record Mirostat(int seed, float tau, float eta, int m) implements SamplerStage {
        public Mirostat {
            Check.range("tau", tau, 0, Float.MAX_VALUE);
            Check.range("eta", eta, 0, Float.MAX_VALUE);
            Check.positive("m", m);
        }

        @Override
        public boolean selects() {
            return true;
        }
    }

    /** Selects so that the surprise stays near {@code tau} (Mirostat 2.0). */
    record MirostatV2(int seed, float tau, float eta) implements SamplerStage {
        public MirostatV2 {
            Check.range("tau", tau, 0, Float.MAX_VALUE);
            Check.range("eta", eta, 0, Float.MAX_VALUE);
        }

        @Override
        public boolean selects() {
            return true;
        }
    }

    /** Selects tokens whose probability is near {@code target}, over time. ({@code decay} from 0 to 0.99) */
    record AdaptiveP(float target, float decay, int seed) implements SamplerStage {
        public AdaptiveP {
            Check.range("target", target, 0, 1);
            Check.range("decay", decay, 0, 0.99f);
        }

        @Override
        public boolean selects() {
            return true;
        }
    }

    /**
     * Lowers the scores of tokens among the last {@code lookBack}.
     *
     * @param repeat divides the score of every such token; 1 for none
     * @param frequency subtracted for each time that the token occurred
     * @param presence subtracted once
     */
    record Penalties(int lookBack, float repeat, float frequency, float presence) implements SamplerStage {
        public Penalties {
            Check.range("lookBack", lookBack, 0, MAX_LOOK_BACK);
            Check.range("repeat", repeat, Float.MIN_VALUE, Float.MAX_VALUE);
            Check.finite("frequency", frequency);
            Check.finite("presence", presence);
        }
    }

    /**
     * Lowers the scores of tokens that would go on with a repetition (DRY), the more the longer it is.
     *
     * @param multiplier strength; 0 for none
     * @param base growth with each token of the repetition, at least 1
     * @param allowedLength repetitions up to this many tokens are free
     * @param lookBack tokens to look back at
     * @param breakers texts over which a repetition does not reach
     */
    record Dry(float multiplier, float base, int allowedLength, int lookBack, List<String> breakers)
            implements SamplerStage {
        public Dry {
            Check.range("multiplier", multiplier, 0, Float.MAX_VALUE);
            Check.range("base", base, 1, Float.MAX_VALUE);
            Check.range("allowedLength", allowedLength, 0, MAX_LOOK_BACK);
            Check.range("lookBack", lookBack, 0, MAX_LOOK_BACK);
            breakers = List.copyOf(breakers);
            breakers.forEach(breaker -> Check.text("breaker", breaker));
        }
    }

    /** Adds to the scores of some tokens; {@link Float#NEGATIVE_INFINITY} forbids one. */
    record LogitBias(Map<Integer, Float> biases) implements SamplerStage {
        public LogitBias {
            biases = Map.copyOf(biases);
            biases.values().forEach(bias -> {
                if (bias.isNaN() || bias == Float.POSITIVE_INFINITY) {
                    throw new IllegalArgumentException("bias is " + bias + ", must be finite or negative infinity");
                }
            });
        }
    }

    /** Chooses between ending and going on when text is filled into a gap; after {@link TopK} and {@link TopP}. */
    record Infill() implements SamplerStage {}

    /**
     * Allows only tokens that a grammar can go on with.
     *
     * @param text the rules, in GBNF
     * @param root the rule to start with
     */
    record Grammar(String text, String root) implements SamplerStage {
        public Grammar {
            GrammarText.check(text, root);
        }

        /** Starts with the rule {@code root}. */
        public Grammar(String text) {
            this(text, "root");
        }
    }

    /**
     * A grammar that sleeps until the output matches a regular expression, whose first group is then where the grammar
     * starts, or until it has one of the tokens. A pattern is looked for anywhere in the output; it has no repetition
     * without an end ({@code *}, {@code +}, <code>{n,}</code>), for the native matcher's stack would overflow.
     */
    record LazyGrammar(String text, String root, List<String> triggerPatterns, List<Integer> triggerTokens)
            implements SamplerStage {
        public LazyGrammar {
            GrammarText.check(text, root);
            triggerPatterns = List.copyOf(triggerPatterns);
            triggerTokens = List.copyOf(triggerTokens);
            triggerPatterns.forEach(TriggerPattern::check);
            if (triggerPatterns.isEmpty() && triggerTokens.isEmpty()) {
                throw new IllegalArgumentException("A lazy grammar without a trigger would sleep for ever");
            }
        }
    }

    /**
     * A grammar for the reply of a chat model, which takes account of what the prompt has begun of it and of reasoning:
     * {@code ChatPrompt.replyGrammar} and {@code ChatPrompt.answerGrammar} make it.
     *
     * @param rules a {@link Grammar} or {@link LazyGrammar}
     * @param seesReasoning whether the rules are about the whole reply, with what the prompt has begun of it; else they
     *     sleep while the model reasons. A lazy grammar does not see reasoning
     * @param promptEnd the end of the prompt that belongs to the reply already; empty for none
     * @param reasoningBegin the mark before reasoning, such as {@code <think>}; empty where there is none
     * @param reasoningEnds the marks that end reasoning
     */
    record ReplyGrammar(
            SamplerStage rules,
            boolean seesReasoning,
            String promptEnd,
            String reasoningBegin,
            List<String> reasoningEnds)
            implements SamplerStage {
        public ReplyGrammar {
            boolean lazy = rules instanceof LazyGrammar;
            if (!lazy && !(rules instanceof Grammar)) {
                throw new IllegalArgumentException("rules is %s, must be a Grammar or a LazyGrammar"
                        .formatted(rules.getClass().getSimpleName()));
            }
            if (lazy && seesReasoning) {
                throw new IllegalArgumentException("A lazy grammar does not see reasoning");
            }
            Objects.requireNonNull(promptEnd, "promptEnd");
            Objects.requireNonNull(reasoningBegin, "reasoningBegin");
            reasoningEnds = List.copyOf(reasoningEnds);
        }
    }

    /**
     * Ends reasoning that takes too long: the mark that ends it is then the only choice. Belongs at the start of a chain,
     * for a stage that removes that mark's tokens leaves no choice at all. ({@code common_reasoning_budget_init})
     *
     * @param tokens the most that the model may think, each time that it does, marks not counted; a few more where the
     *     last one ends inside a character. 0 ends reasoning as soon as it begins
     * @param begin the mark before reasoning, such as {@code <think>}
     * @param ends the marks that end it; the first one is what is put there
     * @param message words to put before that mark; empty for none
     * @param promptEnd the end of the prompt that belongs to the reply already, where the mark may stand; empty for none
     */
    record ReasoningBudget(int tokens, String begin, List<String> ends, String message, String promptEnd)
            implements SamplerStage {
        public ReasoningBudget {
            Check.notNegative("tokens", tokens);
            ends = List.copyOf(ends);
            Objects.requireNonNull(message, "message");
            Objects.requireNonNull(promptEnd, "promptEnd");
            if (begin.isEmpty() || ends.isEmpty() || ends.contains("")) {
                throw new IllegalArgumentException(
                        "Reasoning needs marks that begin and end it: begin is '%s', ends are %s"
                                .formatted(begin, ends));
            }
        }
    }
}
