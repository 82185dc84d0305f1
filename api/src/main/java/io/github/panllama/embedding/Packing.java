package io.github.panllama.embedding;

import java.util.ArrayList;
import java.util.List;

/**
 * Which texts are computed together: in their order, as many as fit. A C program does it like that, and what else is in
 * a batch may change the last bits; nothing is padded, so that sorting them by length would not make them faster.
 */
final class Packing {
    /**
     * Texts that follow one another.
     *
     * @param from the index of the first
     * @param to the index after the last
     */
    record Run(int from, int to) {}

    private Packing() {}

    /**
     * The members of each batch.
     *
     * @param lengths tokens of each text; one that is longer than a batch has a batch for itself
     * @param batchSize the most tokens of a batch
     * @param sequences the most texts of a batch
     */
    static List<Run> of(int[] lengths, int batchSize, int sequences) {
        List<Run> batches = new ArrayList<>();
        int from = 0;
        long tokens = 0;
        for (int i = 0; i < lengths.length; i++) {
            if (i > from && (tokens + lengths[i] > batchSize || i - from == sequences)) {
                batches.add(new Run(from, i));
                from = i;
                tokens = 0;
            }
            tokens += lengths[i];
        }
        if (from < lengths.length) {
            batches.add(new Run(from, lengths.length));
        }
        return batches;
    }
}
