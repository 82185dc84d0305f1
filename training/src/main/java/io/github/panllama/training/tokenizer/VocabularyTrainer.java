package io.github.panllama.training.tokenizer;

import io.github.panllama.training.tokenizer.Vocabulary.Pair;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Byte-pair encoding (R. Sennrich et al., 2016): again and again the most frequent pair of neighbours becomes a token. */
public final class VocabularyTrainer {
    private static final int FIRST_MERGE_OFFSET = 256;

    private final Map<String, Integer> counts = new LinkedHashMap<>();

    /** Counts the words of texts. */
    public VocabularyTrainer add(Stream<String> texts) {
        texts.forEach(text -> Vocabulary.words(text).forEach(word -> counts.merge(word, 1, Integer::sum)));
        return this;
    }

    /**
     * Makes the vocabulary.
     *
     * @param size of the vocabulary, bytes and special tokens included
     * @throws IllegalArgumentException when the texts have too few different pairs for it
     */
    public Vocabulary train(List<String> special, int size) {
        List<List<Integer>> words = new ArrayList<>();
        List<Integer> frequencies = new ArrayList<>();
        counts.forEach((word, count) -> {
            words.add(Vocabulary.bytes(word));
            frequencies.add(count);
        });
        List<Pair> merges = new ArrayList<>();
        int first = FIRST_MERGE_OFFSET + special.size();
        while (first + merges.size() < size) {
            Pair best = mostFrequent(words, frequencies);
            int id = first + merges.size();
            words.replaceAll(word -> Vocabulary.merge(word, best, id));
            merges.add(best);
        }
        return new Vocabulary(special, merges);
    }

    /** Ties go to the smaller ids, so that the result depends on the texts alone. */
    private static Pair mostFrequent(List<List<Integer>> words, List<Integer> frequencies) {
        Map<Pair, Integer> pairs = new HashMap<>();
        for (int w = 0; w < words.size(); w++) {
            List<Integer> word = words.get(w);
            for (int i = 0; i + 1 < word.size(); i++) {
                pairs.merge(new Pair(word.get(i), word.get(i + 1)), frequencies.get(w), Integer::sum);
            }
        }
        return pairs.entrySet().stream()
                .max(Map.Entry.<Pair, Integer>comparingByValue()
                        .thenComparing(Map.Entry.<Pair, Integer>comparingByKey(
                                        Comparator.comparingInt(Pair::left).thenComparingInt(Pair::right))
                                .reversed()))
                .orElseThrow(() -> new IllegalArgumentException(
                        "The texts have no more pairs to merge: ask for a smaller vocabulary"))
                .getKey();
    }
}
