package io.github.panllama;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * In how many ways each rule of a grammar can begin. Native code goes all of them, each time that it comes to the rule: two
 * rules that begin with the next one twice double the ways, and forty pairs of them would take it for ever. A rule that
 * can begin with itself has ways without an end.
 *
 * <p>A grammar is given here in the order in which it is written. Groups, and what is repeated, are rules of their own.
 */
final class RuleStarts {
    /** An enum has one for each of its constants. Native code compares each with every other. */
    private static final long MAX_WAYS = 20_000;

    /** A thing that a rule names: another rule, or a character where {@code rule} is negative. */
    private record Item(int rule, boolean optional, int times) {}

    /** A rule with which another one can begin, in so many places. */
    private record Start(int rule, int times) {}

    private final List<List<List<Item>>> rules = new ArrayList<>();
    private final Deque<Integer> open = new ArrayDeque<>();

    /** A new rule; the name of one belongs to its number. */
    int newRule() {
        rules.add(new ArrayList<>());
        return rules.size() - 1;
    }

    /** What follows defines a rule. */
    void define(int rule) {
        open.clear();
        open.push(rule);
        // The last definition counts.
        rules.get(rule).clear();
        alternative();
    }

    void alternative() {
        if (!open.isEmpty()) {
            rules.get(open.element()).add(new ArrayList<>());
        }
    }

    void open() {
        int group = newRule();
        reference(group);
        open.push(group);
        alternative();
    }

    void close() {
        if (open.size() > 1) {
            open.pop();
        }
    }

    void character() {
        reference(-1);
    }

    void reference(int rule) {
        if (!open.isEmpty()) {
            rules.get(open.element()).getLast().add(new Item(rule, false, 1));
        }
    }

    /** What was given last may be there so many times, and perhaps be left out. */
    void repeat(int times, boolean optional) {
        List<Item> sequence =
                open.isEmpty() ? List.of() : rules.get(open.element()).getLast();
        if (!sequence.isEmpty()) {
            Item item = sequence.removeLast();
            sequence.add(new Item(item.rule(), item.optional() || optional, Math.max(item.times(), times)));
        }
    }

    /** Refuses a grammar with too many ways. */
    void check() {
        boolean[] empty = empty();
        List<List<Start>> starts = new ArrayList<>();
        long[] characters = new long[rules.size()];
        for (List<List<Item>> alternatives : rules) {
            List<Item> first = first(alternatives, empty);
            characters[starts.size()] =
                    first.stream().filter(item -> item.rule() < 0).count();
            starts.add(first.stream()
                    .filter(item -> item.rule() >= 0)
                    .map(item -> new Start(item.rule(), empty[item.rule()] ? item.times() : 1))
                    .toList());
        }
        long[] ways = new long[rules.size()];
        int[] taken = new int[rules.size()];
        for (int rule = 0; rule < ways.length; rule++) {
            if (ways[rule] == 0) {
                count(rule, starts, characters, ways, taken);
            }
        }
    }

    /** Depth first, without recursion. {@code ways} is 0 for what was not seen, negative for what is on the way. */
    private static void count(int first, List<List<Start>> starts, long[] characters, long[] ways, int[] taken) {
        Deque<Integer> path = new ArrayDeque<>(List.of(first));
        ways[first] = -1;
        while (!path.isEmpty()) {
            int rule = path.element();
            if (taken[rule] < starts.get(rule).size()) {
                int next = starts.get(rule).get(taken[rule]++).rule();
                if (ways[next] < 0) {
                    throw new IllegalArgumentException(
                            "The grammar has a rule that begins with itself (left recursion)");
                }
                if (ways[next] == 0) {
                    ways[next] = -1;
                    path.push(next);
                }
                continue;
            }
            path.pop();
            ways[rule] = 1
                    + characters[rule]
                    + starts.get(rule).stream()
                            .mapToLong(start -> ways[start.rule()] * start.times())
                            .sum();
            if (ways[rule] > MAX_WAYS) {
                throw new IllegalArgumentException(
                        "The grammar has a rule that can begin in more than %d ways".formatted(MAX_WAYS));
            }
        }
    }

    /** The things with which a rule can begin, each as often as it can. */
    private static List<Item> first(List<List<Item>> alternatives, boolean[] empty) {
        List<Item> first = new ArrayList<>();
        for (List<Item> sequence : alternatives) {
            for (Item item : sequence) {
                first.add(item);
                if (!isEmpty(item, empty)) {
                    break;
                }
            }
        }
        return first;
    }

    /** Which rules allow an empty text: those with a sequence of which nothing is left that does not. */
    private boolean[] empty() {
        boolean[] empty = new boolean[rules.size()];
        List<int[]> sequences = new ArrayList<>();
        List<List<int[]>> users = new ArrayList<>();
        rules.forEach(_ -> users.add(new ArrayList<>()));
        for (int rule = 0; rule < empty.length; rule++) {
            for (List<Item> items : rules.get(rule)) {
                int[] ownerAndLeft = {rule, 0};
                sequences.add(ownerAndLeft);
                for (Item item : items) {
                    ownerAndLeft[1] += item.optional() ? 0 : 1;
                    if (item.rule() >= 0 && !item.optional()) {
                        users.get(item.rule()).add(ownerAndLeft);
                    }
                }
            }
        }
        Deque<Integer> found = new ArrayDeque<>();
        for (int[] sequence : sequences) {
            find(sequence, empty, found);
        }
        while (!found.isEmpty()) {
            for (int[] sequence : users.get(found.remove())) {
                sequence[1]--;
                find(sequence, empty, found);
            }
        }
        return empty;
    }

    private static void find(int[] ownerAndLeft, boolean[] empty, Deque<Integer> found) {
        if (ownerAndLeft[1] == 0 && !empty[ownerAndLeft[0]]) {
            empty[ownerAndLeft[0]] = true;
            found.add(ownerAndLeft[0]);
        }
    }

    private static boolean isEmpty(Item item, boolean[] empty) {
        return item.optional() || (item.rule() >= 0 && empty[item.rule()]);
    }
}
