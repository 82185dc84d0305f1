package io.github.panllama.training;

import io.github.panllama.training.corpus.Corpus;
import io.github.panllama.training.corpus.Skill;
import io.github.panllama.training.transformer.Shape;
import java.util.Locale;
import java.util.Map;

/**
 * How a bundled model is made.
 *
 * @param name what model/train calls it
 * @param file of the result, without its ending
 * @param batches how many batches of {@link #BATCH} tokens make a step
 * @param rate of learning, at its highest
 * @param skills how many of all conversations practise each; the others are not practised
 */
record Recipe(String name, String file, Shape shape, int steps, int batches, float rate, Map<Skill, Integer> skills) {
    /** About how many tokens a batch has: documents are added until there are as many. */
    static final int BATCH = 1024;

    static final int CONTEXT = 1024;
    private static final int VOCABULARY = 768;
    private static final int WARM_UP = 100;
    private static final double STEADY = 0.15;

    static Recipe named(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "tiny" ->
                new Recipe(
                        "tiny",
                        "panllama-tiny",
                        new Shape(VOCABULARY, 256, 4, 4, 2, 256, 0, 0, 0, CONTEXT),
                        7000,
                        4,
                        4e-3f,
                        Corpus.usual());
            case "experts" ->
                new Recipe(
                        "experts",
                        "panllama-tiny-experts",
                        new Shape(VOCABULARY, 256, 3, 4, 2, 256, 8, 2, 64, CONTEXT),
                        3000,
                        4,
                        4e-3f,
                        Map.of(
                                Skill.ARITHMETIC_THINKING, 35,
                                Skill.ARITHMETIC_DIRECT, 25,
                                Skill.RECALL, 30,
                                Skill.REPEAT, 10));
            default -> throw new IllegalArgumentException("No model is named " + name + ": tiny or experts");
        };
    }

    Recipe withSteps(int count) {
        return new Recipe(name, file, shape, count, batches, rate, skills);
    }

    /** The rate of learning at a step: up, steady, then down to nothing. */
    float rate(int step) {
        double up = Math.min(1, (step + 1.0) / Math.min(WARM_UP, steps));
        double down = Math.min(1, (steps - step) / (steps * (1 - STEADY)));
        return (float) (rate * Math.min(up, down));
    }
}
