package io.github.panllama.chat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/** A schema without what it refers to: how deep it nests, and what that is. */
final class SchemaPart {
    private final Set<String> references = new LinkedHashSet<>();
    private int depth;

    int depth() {
        return depth;
    }

    Set<String> references() {
        return references;
    }

    void reach(int level) {
        depth = Math.max(depth, level);
    }

    /**
     * How many levels native code goes down at most below a part, by whichever way. It enters a part once on its way, so
     * parts that refer to one another in a circle may lie below one another all.
     */
    static int deepest(SchemaPart from, Map<String, SchemaPart> all) {
        Map<String, Integer> indexes = new HashMap<>();
        all.keySet().forEach(name -> indexes.put(name, indexes.size()));
        List<SchemaPart> parts = new ArrayList<>(all.values());
        BitSet[] below = new BitSet[parts.size()];
        for (int i = 0; i < below.length; i++) {
            below[i] = reachable(i, parts, indexes);
        }
        int[] levels = new int[below.length];
        // What is below a part, and not in a circle with it, has less below it.
        IntStream.range(0, below.length)
                .boxed()
                .sorted(Comparator.comparingInt(i -> below[i].cardinality()))
                .forEach(i -> levels[i] = level(i, parts, below, levels));
        return from.edges(indexes).map(i -> levels[i]).max().orElse(0);
    }

    private IntStream edges(Map<String, Integer> indexes) {
        return references.stream().mapToInt(name -> Objects.requireNonNull(indexes.get(name)));
    }

    private static BitSet reachable(int part, List<SchemaPart> parts, Map<String, Integer> indexes) {
        BitSet seen = new BitSet();
        Deque<Integer> waiting = new ArrayDeque<>(List.of(part));
        seen.set(part);
        while (!waiting.isEmpty()) {
            parts.get(waiting.remove()).edges(indexes).filter(i -> !seen.get(i)).forEach(i -> {
                seen.set(i);
                waiting.add(i);
            });
        }
        return seen;
    }

    private static int level(int part, List<SchemaPart> parts, BitSet[] below, int[] levels) {
        int circle = 0;
        int under = 0;
        for (int i = below[part].nextSetBit(0); i >= 0; i = below[part].nextSetBit(i + 1)) {
            if (below[i].get(part)) {
                circle += parts.get(i).depth;
            } else {
                under = Math.max(under, levels[i]);
            }
        }
        return circle + under;
    }
}
