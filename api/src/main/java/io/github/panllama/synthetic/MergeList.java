package io.github.panllama.synthetic;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The merges of a vocabulary: learnt from a short list of common English, then, when that is used up, combinations of
 * what there is, so that a vocabulary of any size consists of tokens that a text can really be split into.
 */
final class MergeList {
    /** In order of how common they are; earlier ones weigh more. A leading space belongs to its word. */
    private static final String WORDS = "the of and to in is you that it he was for on are as with his they at be this"
            + " have from or one had by word but not what all were we when your can said there use an each which she do"
            + " how their if will up other about out many then them these so some her would make like him into time has"
            + " look two more write go see number no way could people my than first water been call who its now find"
            + " long down day did get come made may part over new sound take only little work know place year live me"
            + " back give most very after thing our just name good sentence man think say great where help through much"
            + " before line right too mean old any same tell boy follow came want show also around form three small set"
            + " put end does another well large must big even such because turn here why ask went men read need land"
            + " different home us move try kind hand picture again change off play spell air away animal house point"
            + " page letter mother answer found study still learn should world model token context sequence cache Hello"
            + " The This What How You It In And";

    private static final Pattern SPACE = Pattern.compile(" ");

    /** Tokens longer than this are not combined any further. */
    private static final int MAX_LENGTH = 24;

    private record Pair(String left, String right) {
        String joined() {
            return left + right;
        }
    }

    private final List<String> merges = new ArrayList<>();
    private final List<String> tokens = new ArrayList<>();
    private final Set<String> known = new HashSet<>();

    private MergeList(int count) {
        learn(count);
        combine(count);
    }

    /** Makes exactly as many merges as asked for. */
    static MergeList of(int count) {
        return new MergeList(count);
    }

    /** The merges as a file holds them: both parts, a space between. */
    List<String> merges() {
        return merges;
    }

    /** What each merge makes, in the same order. */
    List<String> tokens() {
        return tokens;
    }

    private boolean add(Pair pair) {
        if (!known.add(pair.joined())) {
            return false;
        }
        merges.add(pair.left + ' ' + pair.right);
        tokens.add(pair.joined());
        return true;
    }

    private void learn(int count) {
        List<List<String>> words = new ArrayList<>();
        for (String word : SPACE.split(WORDS, 0)) {
            String bytes = ByteAlphabet.encode(" " + word);
            words.add(
                    new ArrayList<>(bytes.chars().mapToObj(Character::toString).toList()));
        }
        while (merges.size() < count) {
            Pair best = mostFrequent(words);
            if (best == null) {
                return;
            }
            add(best);
            words.forEach(word -> merge(word, best));
        }
    }

    private static @Nullable Pair mostFrequent(List<List<String>> words) {
        Map<Pair, Integer> weights = new HashMap<>();
        for (int rank = 0; rank < words.size(); rank++) {
            List<String> word = words.get(rank);
            for (int i = 1; i < word.size(); i++) {
                weights.merge(new Pair(word.get(i - 1), word.get(i)), 1000 / (rank + 10) + 1, Integer::sum);
            }
        }
        return weights.entrySet().stream()
                .max(Map.Entry.<Pair, Integer>comparingByValue()
                        .thenComparing(entry -> entry.getKey().joined(), Comparator.reverseOrder())
                        .thenComparing(entry -> entry.getKey().left()))
                .map(Map.Entry::getKey)
                .orElse(null);
    }

    private static void merge(List<String> word, Pair pair) {
        for (int i = 1; i < word.size(); i++) {
            if (word.get(i - 1).equals(pair.left) && word.get(i).equals(pair.right)) {
                word.set(i - 1, pair.joined());
                word.remove(i);
            }
        }
    }

    private void combine(int count) {
        List<String> pool = new ArrayList<>(
                IntStream.rangeClosed('a', 'z').mapToObj(Character::toString).toList());
        tokens.stream().filter(MergeList::isLetters).forEach(pool::add);
        for (int newest = 0; merges.size() < count; newest++) {
            for (int i = 0; i <= newest && merges.size() < count; i++) {
                combine(pool, new Pair(pool.get(i), pool.get(newest)));
                if (merges.size() < count) {
                    combine(pool, new Pair(pool.get(newest), pool.get(i)));
                }
            }
        }
    }

    private void combine(List<String> pool, Pair pair) {
        if (pair.joined().length() <= MAX_LENGTH && add(pair)) {
            pool.add(pair.joined());
        }
    }

    private static boolean isLetters(String token) {
        return token.chars().allMatch(c -> c >= 'a' && c <= 'z');
    }
}
