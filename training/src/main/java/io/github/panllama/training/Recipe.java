package io.github.panllama.training;

import io.github.panllama.training.corpus.Corpus;
import io.github.panllama.training.corpus.Skill;
import io.github.panllama.training.transformer.Shape;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a bundled model is made.
 *
 * @param name what model/train calls it
 * @param file of the result, without its ending
 * @param batches how many batches of {@link #BATCH} tokens make a step
 * @param phases one after the other
 */
record Recipe(String name, String file, Shape shape, int batches, List<Phase> phases) {
    /** About how many tokens a batch has: documents are added until there are as many. */
    static final int BATCH = 1024;

    static final int CONTEXT = 1024;
    private static final int VOCABULARY = 768;
    private static final int BATCHES = 4;

    /**
     * Steps with one mixture of skills. The rate of learning goes up, is steady for a while, and goes down to nothing.
     *
     * @param rate of learning, at its highest
     * @param skills how many of all conversations practise each; the others are not practised
     */
    record Phase(int steps, float rate, Map<Skill, Integer> skills) {
        private static final int WARM_UP = 100;
        private static final double STEADY = 0.15;

        float rate(int step) {
            double up = Math.min(1, (step + 1.0) / Math.min(WARM_UP, steps));
            double down = Math.min(1, (steps - step) / (steps * (1 - STEADY)));
            return (float) (rate * Math.min(up, down));
        }
    }

    static Recipe named(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "tiny" ->
                new Recipe(
                        "tiny",
                        "panllama-tiny",
                        new Shape(VOCABULARY, 256, 4, 4, 2, 256, 0, 0, 0, CONTEXT),
                        BATCHES,
                        List.of(
                                new Phase(4000, 4e-3f, Corpus.usual()),
                                new Phase(4500, 2e-3f, harder()),
                                new Phase(800, 1e-3f, harder())));
            case "experts" ->
                new Recipe(
                        "experts",
                        "panllama-tiny-experts",
                        new Shape(VOCABULARY, 256, 3, 4, 2, 256, 8, 2, 64, CONTEXT),
                        BATCHES,
                        List.of(new Phase(
                                3000,
                                4e-3f,
                                Map.of(
                                        Skill.ARITHMETIC_THINKING, 30,
                                        Skill.ARITHMETIC_DIRECT, 30,
                                        Skill.RECALL, 20,
                                        Skill.REPEAT, 20))));
            default -> throw new IllegalArgumentException("No model is named " + name + ": tiny or experts");
        };
    }

    /** More of what takes longest to learn. */
    private static Map<Skill, Integer> harder() {
        return Map.of(
                Skill.ARITHMETIC_THINKING, 8,
                Skill.ARITHMETIC_DIRECT, 30,
                Skill.RECALL, 14,
                Skill.REPEAT, 10,
                Skill.FACT, 5,
                Skill.SMALL_TALK, 4,
                Skill.TOOL_CALL, 3,
                Skill.TOOL_RESULT, 2,
                Skill.JSON, 34);
    }

    /** The same, but with so many steps in all: later phases are cut, or left out. */
    Recipe withSteps(int count) {
        int left = count;
        List<Phase> cut = new ArrayList<>();
        for (Phase phase : phases) {
            int taken = Math.min(left, phase.steps());
            if (taken > 0) {
                cut.add(new Phase(taken, phase.rate(), phase.skills()));
            }
            left -= taken;
        }
        return new Recipe(name, file, shape, batches, List.copyOf(cut));
    }

    int steps() {
        return phases.stream().mapToInt(Phase::steps).sum();
    }

    /** The phases in words: steps, rate and mixture of each. */
    String phasesText() {
        return phases.stream()
                .map(phase -> phase.steps() + " steps at " + phase.rate() + " with " + new EnumMap<>(phase.skills()))
                .collect(Collectors.joining("; "));
    }

    /** In which phase a step is. */
    int phaseOf(int step) {
        int phase = 0;
        for (int first = step; first >= phases.get(phase).steps(); phase++) {
            first -= phases.get(phase).steps();
        }
        return phase;
    }

    float rate(int step) {
        int phase = phaseOf(step);
        int before = phases.stream().limit(phase).mapToInt(Phase::steps).sum();
        return phases.get(phase).rate(step - before);
    }

    /** Every skill that is practised. */
    Set<Skill> skills() {
        Set<Skill> skills = EnumSet.noneOf(Skill.class);
        phases.forEach(phase -> skills.addAll(phase.skills().keySet()));
        return skills;
    }
}
