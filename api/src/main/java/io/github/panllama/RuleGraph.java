package io.github.panllama;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** Which rules of a grammar refer to which, and how deep that goes at most. Does not recurse itself. */
final class RuleGraph {
    private final List<List<Integer>> targets = new ArrayList<>();
    private final List<List<Integer>> sources = new ArrayList<>();

    private RuleGraph(int rules, List<int[]> references) {
        for (int i = 0; i < rules; i++) {
            targets.add(new ArrayList<>());
            sources.add(new ArrayList<>());
        }
        for (int[] reference : references) {
            targets.get(reference[0]).add(reference[1]);
            sources.get(reference[1]).add(reference[0]);
        }
    }

    /**
     * The largest sum of weights on a path that comes through no rule twice, or more: rules that refer to each other in
     * a circle count all together.
     *
     * @param weights of each rule
     * @param references pairs of a rule and one that it refers to
     */
    static int depth(List<Integer> weights, List<int[]> references) {
        long sum = weights.stream().mapToLong(Integer::longValue).sum();
        RuleGraph graph = new RuleGraph(weights.size(), references);
        int[] circles = graph.circles();
        int count = Arrays.stream(circles).max().orElse(-1) + 1;
        long[] own = new long[count];
        for (int rule = 0; rule < circles.length; rule++) {
            own[circles[rule]] += weights.get(rule);
        }
        // Circles are numbered in the order in which they refer to each other, so that one pass will do.
        long[] deepest = new long[count];
        List<List<Integer>> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            members.add(new ArrayList<>());
        }
        for (int rule = 0; rule < circles.length; rule++) {
            members.get(circles[rule]).add(rule);
        }
        long depth = 0;
        for (int circle = 0; circle < count; circle++) {
            long through = deepest[circle] + own[circle];
            depth = Math.max(depth, through);
            for (int rule : members.get(circle)) {
                for (int target : graph.targets.get(rule)) {
                    if (circles[target] != circle) {
                        deepest[circles[target]] = Math.max(deepest[circles[target]], through);
                    }
                }
            }
        }
        return (int) Math.min(Math.min(depth, sum), Integer.MAX_VALUE);
    }

    /** For each rule the number of its circle (Kosaraju's strongly connected components). */
    private int[] circles() {
        int[] circles = new int[targets.size()];
        Arrays.fill(circles, -1);
        int next = 0;
        for (int start : finished().reversed()) {
            if (circles[start] < 0) {
                Deque<Integer> open = new ArrayDeque<>(List.of(start));
                circles[start] = next;
                while (!open.isEmpty()) {
                    for (int source : sources.get(open.pop())) {
                        if (circles[source] < 0) {
                            circles[source] = next;
                            open.push(source);
                        }
                    }
                }
                next++;
            }
        }
        return circles;
    }

    /** Every rule, after all those that are first reached through it. */
    private List<Integer> finished() {
        List<Integer> order = new ArrayList<>();
        boolean[] seen = new boolean[targets.size()];
        int[] taken = new int[targets.size()];
        for (int start = 0; start < seen.length; start++) {
            Deque<Integer> open = new ArrayDeque<>();
            if (!seen[start]) {
                seen[start] = true;
                open.push(start);
            }
            while (!open.isEmpty()) {
                int rule = open.element();
                if (taken[rule] == targets.get(rule).size()) {
                    order.add(open.pop());
                } else {
                    int target = targets.get(rule).get(taken[rule]++);
                    if (!seen[target]) {
                        seen[target] = true;
                        open.push(target);
                    }
                }
            }
        }
        return order;
    }
}
