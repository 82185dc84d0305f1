package io.github.panllama.training.corpus;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Conversations without end to train on, and others to test with. What {@link HeldOut} keeps away is in no training
 * conversation, earlier turns included. Everything follows from the random numbers alone. Threads may share a corpus, each with
 * a generator of its own.
 */
public final class Corpus {
    private static final Map<Skill, Integer> WEIGHTS = Map.of(
            Skill.ARITHMETIC_THINKING, 18,
            Skill.ARITHMETIC_DIRECT, 28,
            Skill.RECALL, 15,
            Skill.REPEAT, 8,
            Skill.FACT, 9,
            Skill.SMALL_TALK, 6,
            Skill.TOOL_CALL, 4,
            Skill.TOOL_RESULT, 3,
            Skill.JSON, 9);
    private static final int PATIENCE = 10_000;
    private static final int MOST_DRILLS = 6;
    private static final long STEP = 0x9E3779B97F4A7C15L;

    private final long seed;
    private final Map<Skill, Integer> weights;
    private final int total;

    private Corpus(long seed, Map<Skill, Integer> weights) {
        this.seed = seed;
        this.weights = new EnumMap<>(weights);
        this.total = weights.values().stream().mapToInt(Integer::intValue).sum();
        if (total <= 0 || weights.values().stream().anyMatch(weight -> weight < 0)) {
            throw new IllegalArgumentException("weights " + weights + ": each must be 0 or more, and one more than 0");
        }
    }

    /**
     * A corpus with the usual mixture.
     *
     * @param seed decides what is drawn for {@link #heldOut}
     * @return the corpus
     */
    public static Corpus of(long seed) {
        return new Corpus(seed, WEIGHTS);
    }

    /**
     * A corpus with a mixture of the caller's.
     *
     * @param seed decides what is drawn for {@link #heldOut}
     * @param weights how many of all conversations practise a skill, relative to each other; a skill that is absent is left out
     * @return the corpus
     * @throws IllegalArgumentException when a weight is negative, or none is positive
     */
    public static Corpus of(long seed, Map<Skill, Integer> weights) {
        return new Corpus(seed, weights);
    }

    /** How many of all conversations practise each skill in the usual mixture, relative to each other. */
    public static Map<Skill, Integer> usual() {
        return WEIGHTS;
    }

    /** A conversation to train on. */
    public Conversation next(SplittableRandom random) {
        int choice = random.nextInt(total);
        for (Map.Entry<Skill, Integer> entry : weights.entrySet()) {
            choice -= entry.getValue();
            if (choice < 0) {
                return draw(entry.getKey(), random, Split.TRAINING);
            }
        }
        throw new IllegalStateException("weights " + weights + " do not add up to " + total);
    }

    /**
     * Conversations to test with: the last turn of each is an instance that training never has, a different one each time.
     * Earlier turns are such as training has.
     *
     * @param skill what the last turns practise
     * @param count how many; the first ones are the same whatever the count
     * @return the conversations
     * @throws IllegalArgumentException when there are not so many
     */
    public List<Conversation> heldOut(Skill skill, int count) {
        var random = new SplittableRandom(seed + STEP * skill.name().hashCode());
        List<Conversation> conversations = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        int repeated = 0;
        while (conversations.size() < count) {
            Conversation conversation = draw(skill, random, Split.HELD_OUT);
            if (seen.add(conversation.key())) {
                conversations.add(conversation);
                repeated = 0;
            } else if (++repeated == PATIENCE) {
                throw new IllegalArgumentException(
                        skill + " has no " + count + " held-out instances; ask for " + seen.size() + " or fewer");
            }
        }
        return List.copyOf(conversations);
    }

    private static Conversation draw(Skill skill, SplittableRandom random, Split split) {
        return switch (skill) {
            case ARITHMETIC_THINKING -> after(draft(skill, random), random, 25).end(Sums.sum(random, split), true);
            case ARITHMETIC_DIRECT -> drilled(draft(skill, random), random).end(Sums.sum(random, split), false);
            case RECALL -> recall(draft(skill, random), random, split);
            case REPEAT ->
                after(draft(skill, random), random, 20).end(Repeating.draw(random, split), random.nextBoolean());
            case FACT -> after(draft(skill, random), random, 25).end(Facts.draw(random, split), random.nextBoolean());
            case SMALL_TALK ->
                after(Draft.plain(skill, random, false), random, 20)
                        .end(SmallTalk.draw(random, split), random.nextBoolean());
            case TOOL_CALL -> toolCall(random, split);
            case TOOL_RESULT -> toolResult(random, split);
            case JSON -> json(random, split);
        };
    }

    private static Draft draft(Skill skill, SplittableRandom random) {
        return Draft.plain(skill, random, random.nextInt(10) == 0);
    }

    /** Some conversations, in percent, have one to three turns before the one that counts. */
    private static Draft after(Draft draft, SplittableRandom random, int percent) {
        if (random.nextInt(100) < percent) {
            for (int turns = random.nextInt(1, 4); turns > 0; turns--) {
                draft.add(Fillers.draw(random));
            }
        }
        return draft;
    }

    /** Most conversations have other sums before the one that counts: practice at little cost. */
    private static Draft drilled(Draft draft, SplittableRandom random) {
        if (random.nextInt(5) == 0) {
            return after(draft, random, 50);
        }
        for (int turns = random.nextInt(1, MOST_DRILLS + 1); turns > 0; turns--) {
            draft.add(Sums.drill(random));
        }
        return draft;
    }

    private static Conversation recall(Draft draft, SplittableRandom random, Split split) {
        Recall.Case drawn = Recall.draw(random, split);
        return draft.addAll(drawn.before()).end(drawn.last(), random.nextBoolean());
    }

    private static Draft toolDraft(Skill skill, SplittableRandom random) {
        Draft draft = after(Draft.plain(skill, random, true), random, 25);
        if (random.nextInt(5) == 0) {
            Calculation earlier = Sums.productCalculation(random, Split.TRAINING);
            draft.ask(Sums.question(random, earlier), earlier.key())
                    .called(earlier)
                    .answered(Reply.text(earlier.equation()));
        }
        return draft;
    }

    private static Conversation toolCall(SplittableRandom random, Split split) {
        Draft draft = toolDraft(Skill.TOOL_CALL, random);
        Calculation product = Sums.productCalculation(random, split);
        return draft.ask(Sums.question(random, product), product.key())
                .end(random.nextBoolean(), "", Reply.call(product));
    }

    private static Conversation toolResult(SplittableRandom random, Split split) {
        Draft draft = toolDraft(Skill.TOOL_RESULT, random);
        Calculation product = Sums.productCalculation(random, split);
        return draft.ask(Sums.question(random, product), product.key())
                .called(product)
                .end(random.nextBoolean(), "", Reply.text(product.equation()));
    }

    private static Conversation json(SplittableRandom random, Split split) {
        Draft draft = Draft.json(random);
        int choice = random.nextInt(100);
        if (choice < 20) {
            return recall(draft, random, split);
        }
        after(draft, random, 30);
        if (choice < 65) {
            return draft.end(Sums.sum(random, split), random.nextBoolean());
        }
        Exchange exchange = choice < 90 ? Facts.draw(random, split) : SmallTalk.draw(random, split);
        return draft.end(exchange, random.nextBoolean());
    }
}
