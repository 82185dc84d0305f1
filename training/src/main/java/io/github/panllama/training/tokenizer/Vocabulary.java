package io.github.panllama.training.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tokens and how texts become them: the bytes, then the special tokens, then pairs of tokens in the order in which they are
 * merged. Texts are split by the rule that llama.cpp knows as {@code deepseek-r1-qwen}, so that every digit is a token.
 */
public final class Vocabulary {
    /** The rule's name in a GGUF file. */
    public static final String SPLIT_RULE = "deepseek-r1-qwen";

    private static final Pattern SPLIT =
            Pattern.compile("(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
                    + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");
    private static final int BYTES = 256;

    private final List<String> special;
    private final List<Pair> merges;
    private final List<String> tokens = new ArrayList<>();
    private final Map<String, Integer> specialIds = new HashMap<>();
    private final Map<Pair, Integer> ranks = new HashMap<>();

    /** Two tokens that become one. */
    public record Pair(int left, int right) {}

    Vocabulary(List<String> special, List<Pair> merges) {
        this.special = List.copyOf(special);
        this.merges = List.copyOf(merges);
        for (int b = 0; b < BYTES; b++) {
            tokens.add(Character.toString(ByteLetters.letter(b)));
        }
        for (String text : special) {
            specialIds.put(text, tokens.size());
            tokens.add(text);
        }
        for (Pair pair : merges) {
            ranks.put(pair, tokens.size());
            tokens.add(tokens.get(pair.left()) + tokens.get(pair.right()));
        }
    }

    /** The tokens as a GGUF file has them. */
    public List<String> tokens() {
        return List.copyOf(tokens);
    }

    public List<String> special() {
        return special;
    }

    /** The merges as a GGUF file has them. */
    public List<String> merges() {
        return merges.stream()
                .map(pair -> tokens.get(pair.left()) + " " + tokens.get(pair.right()))
                .toList();
    }

    public int size() {
        return tokens.size();
    }

    public int specialId(String text) {
        Integer id = specialIds.get(text);
        if (id == null) {
            throw new IllegalArgumentException("No special token " + text);
        }
        return id;
    }

    public boolean isSpecial(int id) {
        return id >= BYTES && id < BYTES + special.size();
    }

    /** The tokens of a text that holds no special ones. */
    public List<Integer> encode(String text) {
        List<Integer> ids = new ArrayList<>();
        for (String word : words(text)) {
            ids.addAll(encodeWord(word));
        }
        return ids;
    }

    static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        Matcher matcher = SPLIT.matcher(text);
        while (matcher.find()) {
            words.add(matcher.group());
        }
        return words;
    }

    static List<Integer> bytes(String word) {
        List<Integer> ids = new ArrayList<>();
        for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
            ids.add(Byte.toUnsignedInt(b));
        }
        return ids;
    }

    private List<Integer> encodeWord(String word) {
        List<Integer> ids = bytes(word);
        while (true) {
            Pair best = null;
            int rank = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < ids.size(); i++) {
                Pair pair = new Pair(ids.get(i), ids.get(i + 1));
                int its = ranks.getOrDefault(pair, Integer.MAX_VALUE);
                if (its < rank) {
                    rank = its;
                    best = pair;
                }
            }
            if (best == null) {
                return ids;
            }
            ids = merge(ids, best, rank);
        }
    }

    /** A word in which every occurrence of a pair is one token. */
    static List<Integer> merge(List<Integer> ids, Pair pair, int merged) {
        List<Integer> result = new ArrayList<>(ids.size());
        for (int i = 0; i < ids.size(); i++) {
            if (i + 1 < ids.size() && ids.get(i) == pair.left() && ids.get(i + 1) == pair.right()) {
                result.add(merged);
                i++;
            } else {
                result.add(ids.get(i));
            }
        }
        return result;
    }
}
