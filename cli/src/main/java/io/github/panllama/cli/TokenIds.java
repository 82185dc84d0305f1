package io.github.panllama.cli;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Token ids as text: decimal numbers with spaces between them. */
final class TokenIds {
    private static final int[] NONE = {};

    private TokenIds() {}

    static String format(int[] ids) {
        return Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(" "));
    }

    /**
     * Reads ids; any white space divides them.
     *
     * @param size of the vocabulary that they are from
     * @throws IllegalArgumentException if one is no number or not in the vocabulary
     */
    static int[] parse(String text, int size) {
        String ids = text.strip();
        return ids.isEmpty()
                ? NONE
                : Arrays.stream(ids.split("\\s+"))
                        .mapToInt(word -> parseOne(word, size))
                        .toArray();
    }

    private static int parseOne(String word, int size) {
        int id;
        try {
            id = Integer.parseInt(word);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + word + "' is not a token id", e);
        }
        if (id < 0 || id >= size) {
            throw new IllegalArgumentException(
                    "token id %d is not in the vocabulary, whose ids are 0 to %d".formatted(id, size - 1));
        }
        return id;
    }
}
