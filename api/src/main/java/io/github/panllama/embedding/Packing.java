package io.github.panllama.embedding;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which texts are computed together: the longest that is left, and the shortest beside it for as long as there is room.
 * So the batches are full but for the last few, whatever the lengths are and in whatever order they come.
 */
final class Packing {
    private Packing() {}

    /**
     * The members of each batch, by their index.
     *
     * @param lengths tokens of each text; one that is longer than a batch has a batch for itself
     * @param batchSize the most tokens of a batch
     * @param sequences the most texts of a batch
     */
    static List<int[]> of(int[] lengths, int batchSize, int sequences) {
        int[] longestFirst = IntStream.range(0, lengths.length)
                .boxed()
                .sorted(Comparator.comparingInt(index -> -lengths[index]))
                .mapToInt(Integer::intValue)
                .toArray();
        List<int[]> batches = new ArrayList<>();
        int longest = 0;
        int shortest = lengths.length - 1;
        while (longest <= shortest) {
            int end = shortest;
            long tokens = lengths[longestFirst[longest]];
            while (end > longest
                    && shortest - end + 1 < sequences
                    && tokens + lengths[longestFirst[end]] <= batchSize) {
                tokens += lengths[longestFirst[end--]];
            }
            batches.add(IntStream.concat(IntStream.of(longest), IntStream.rangeClosed(end + 1, shortest))
                    .map(place -> longestFirst[place])
                    .toArray());
            longest++;
            shortest = end;
        }
        return batches;
    }
}
