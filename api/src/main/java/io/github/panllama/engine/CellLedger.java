package io.github.panllama.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which cells of a KV cache are taken: those that several sequences share count once. llama.cpp keeps the same account
 * and does not tell it.
 *
 * <p>A sequence is a row of segments. A segment belongs to all sequences that share it, and is cut in two where one of
 * them ends or leaves the others.
 */
final class CellLedger {
    private final List<List<Segment>> sequences = new ArrayList<>();
    private int used;

    private static final class Segment {
        private int length;
        private final Set<Integer> owners = new HashSet<>();

        Segment(int length, Set<Integer> owners) {
            this.length = length;
            this.owners.addAll(owners);
        }
    }

    CellLedger(int sequences) {
        for (int i = 0; i < sequences; i++) {
            this.sequences.add(new ArrayList<>());
        }
    }

    /** Cells that are taken. */
    int used() {
        return used;
    }

    int length(int sequence) {
        return sequences.get(sequence).stream()
                .mapToInt(segment -> segment.length)
                .sum();
    }

    /** Whether another sequence has some of its cells too. */
    boolean isShared(int sequence) {
        return sequences.get(sequence).stream().anyMatch(segment -> segment.owners.size() > 1);
    }

    /** Cells that would be taken if only these sequences were there. */
    int usedBy(Collection<Integer> some) {
        return some.stream()
                .flatMap(sequence -> sequences.get(sequence).stream())
                .distinct()
                .mapToInt(segment -> segment.length)
                .sum();
    }

    /** The sequence gets so many more cells at its end. */
    void grow(int sequence, int count) {
        List<Segment> segments = sequences.get(sequence);
        if (!segments.isEmpty() && segments.getLast().owners.size() == 1) {
            segments.getLast().length += count;
        } else {
            segments.add(new Segment(count, Set.of(sequence)));
        }
        used += count;
    }

    /** The sequence, which is empty, shares the first cells of another. */
    void share(int source, int target, int length) {
        List<Segment> shared = sequences.get(target);
        if (!shared.isEmpty()) {
            throw new IllegalStateException("sequence " + target + " is not empty");
        }
        for (Segment segment : List.copyOf(first(source, length))) {
            segment.owners.add(target);
            shared.add(segment);
        }
    }

    /** The sequence keeps its first cells alone. */
    void truncate(int sequence, int length) {
        List<Segment> segments = sequences.get(sequence);
        List<Segment> kept = first(sequence, length);
        for (Segment segment : List.copyOf(segments.subList(kept.size(), segments.size()))) {
            segment.owners.remove(sequence);
            used -= segment.owners.isEmpty() ? segment.length : 0;
        }
        segments.subList(kept.size(), segments.size()).clear();
    }

    /** The segments of the first cells, the last one of them cut where they end. */
    private List<Segment> first(int sequence, int length) {
        List<Segment> segments = sequences.get(sequence);
        int end = 0;
        int at = 0;
        while (at < length) {
            Segment segment = segments.get(end);
            if (segment.length > length - at) {
                cut(segment, length - at);
            }
            at += segments.get(end++).length;
        }
        return segments.subList(0, end);
    }

    private void cut(Segment segment, int length) {
        Segment rest = new Segment(segment.length - length, segment.owners);
        segment.length = length;
        for (int owner : segment.owners) {
            List<Segment> segments = sequences.get(owner);
            segments.add(segments.indexOf(segment) + 1, rest);
        }
    }
}
