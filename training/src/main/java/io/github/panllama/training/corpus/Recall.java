package io.github.panllama.training.corpus;

import io.github.panllama.training.corpus.Kind.Item;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** A value is given, other turns follow, then it is asked for. */
final class Recall {
    /**
     * What is given and what is asked.
     *
     * @param items what the user gives, in this order
     * @param asked which of them is asked for, or -1 for what was never given
     * @param last the question and its answer
     */
    private record Plan(List<Item> items, int asked, Exchange last) {}

    /**
     * A conversation.
     *
     * @param before the earlier turns
     * @param last the question and its answer
     */
    record Case(List<Exchange> before, Exchange last) {}

    private static final int MOST_TURNS = 5;
    private static final double NEAREST = 20;
    private static final double FARTHEST = 1700; // characters; about 600 tokens
    private static final int SHORT = 160;
    private static final String NOTED = "I will remember that.";

    private Recall() {}

    static Case draw(SplittableRandom random, Split split) {
        Plan plan = split.draw(() -> plan(random), drawn -> drawn.last().key());
        List<Exchange> before = new ArrayList<>();
        if (random.nextInt(8) == 0 && plan.items().size() < MOST_TURNS - 1) {
            before.add(Fillers.draw(random));
        }
        int askedTurn = before.size();
        for (int i = 0; i < plan.items().size(); i++) {
            if (i <= plan.asked()) {
                askedTurn = before.size(); // or a later one
            }
            String given = plan.items().get(i).given();
            boolean together = i + 1 < plan.items().size() && random.nextInt(3) == 0;
            if (together) {
                given += ' ' + plan.items().get(++i).given();
            }
            before.add(noted(given));
        }
        spread(random, before, askedTurn);
        return new Case(before, plan.last());
    }

    private static Exchange noted(String given) {
        return new Exchange(given, NOTED, Exchange.quoted(NOTED), "", Exchange.NO_INSTANCE);
    }

    private static Plan plan(SplittableRandom random) {
        List<Item> items = items(random);
        if (random.nextInt(9) == 0) {
            Set<Kind> missing = EnumSet.complementOf(EnumSet.of(Kind.LIKING, Kind.LABELLED_NUMBER));
            items.forEach(item -> missing.remove(item.kind()));
            if (items.stream().anyMatch(item -> item.kind().paired())) {
                missing.remove(Kind.NUMBER);
            }
            Kind kind = List.copyOf(missing).get(random.nextInt(missing.size()));
            return plan(items, -1, kind, kind.question(random, ""));
        }
        int asked = random.nextInt(items.size());
        Item item = items.get(asked);
        return plan(items, asked, item.kind(), item.kind().question(random, item.label()));
    }

    private static Plan plan(List<Item> items, int asked, Kind kind, String question) {
        String answer = asked < 0 ? kind.unknown() : items.get(asked).answer();
        String json = asked < 0 ? "null" : Exchange.quoted(items.get(asked).value());
        String wanted = asked < 0 ? kind.name() : items.get(asked).fact();
        String facts = items.stream().map(Item::fact).sorted().collect(Collectors.joining(", "));
        if (items.size() == 1 && !items.getFirst().kind().plentiful()) {
            facts += " " + items.getFirst().given() + ' ' + question; // too few values to keep one away altogether
        }
        return new Plan(items, asked, new Exchange(question, answer, json, "", "recall " + facts + " asked " + wanted));
    }

    private static List<Item> items(SplittableRandom random) {
        List<Item> items = new ArrayList<>();
        Set<Kind> kinds = EnumSet.allOf(Kind.class);
        for (int left = random.nextInt(20) < 9 ? 1 : random.nextInt(2, 4); left > 0; left--) {
            Kind kind = List.copyOf(kinds).get(random.nextInt(kinds.size()));
            kinds.remove(kind);
            items.add(kind.item(random));
            if (kind.paired()) {
                items.add(sibling(random, items.getLast()));
                left--;
            }
            if (kind == Kind.NUMBER || kind == Kind.LABELLED_NUMBER) {
                kinds.removeAll(EnumSet.of(Kind.NUMBER, Kind.LABELLED_NUMBER)); // "the number" would be either
            }
        }
        return items;
    }

    private static Item sibling(SplittableRandom random, Item item) {
        while (true) {
            Item sibling = item.kind().item(random);
            if (!sibling.label().equals(item.label()) && !sibling.value().equals(item.value())) {
                return sibling;
            }
        }
    }

    /** Puts turns between what is asked for and the end, until the distance is one drawn at random. */
    private static void spread(SplittableRandom random, List<Exchange> turns, int asked) {
        double distance = NEAREST * StrictMath.pow(FARTHEST / NEAREST, random.nextDouble());
        int left = (int) distance - length(turns.subList(asked + 1, turns.size()));
        while (left > 0 && turns.size() < MOST_TURNS) {
            boolean last = turns.size() == MOST_TURNS - 1 || (left > SHORT && random.nextBoolean());
            Exchange filler = last && left > SHORT ? Paragraph.draw(random, left) : Fillers.draw(random);
            turns.add(random.nextInt(asked + 1, turns.size() + 1), filler);
            left -= length(List.of(filler));
        }
    }

    private static int length(List<Exchange> turns) {
        return turns.stream()
                .mapToInt(turn -> turn.question().length() + turn.answer().length())
                .sum();
    }
}
