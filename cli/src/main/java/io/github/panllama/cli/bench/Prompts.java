package io.github.panllama.cli.bench;

import io.github.panllama.Tokenizer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Prompts of random tokens of text, each another one. All may begin alike, as those that share a system prompt do. The
 * same seed gives the same prompts.
 *
 * <p><b>Threads.</b> One at a time.
 */
public final class Prompts {
    private final int[] vocabulary;
    private final int[] prefix;
    private final int length;
    private final SplittableRandom random;

    /**
     * Prompts for a model.
     *
     * @param length tokens of a prompt, 1 or more
     * @param sharedPrefix how many of them, at the beginning, all prompts have in common
     * @throws IllegalArgumentException if the shared prefix is longer than a prompt
     */
    public Prompts(Tokenizer tokenizer, int length, int sharedPrefix, long seed) {
        if (length < 1 || sharedPrefix < 0 || sharedPrefix > length) {
            throw new IllegalArgumentException(
                    "a prompt of %d tokens cannot share %d of them".formatted(length, sharedPrefix));
        }
        // Marks for the model may change how it computes, as where an image would be.
        vocabulary = IntStream.range(0, tokenizer.size())
                .filter(token -> !tokenizer.isControl(token) && !tokenizer.isEndOfGeneration(token))
                .toArray();
        this.length = length;
        random = new SplittableRandom(seed);
        prefix = random.ints(sharedPrefix, 0, vocabulary.length)
                .map(i -> vocabulary[i])
                .toArray();
    }

    /** The next prompts. */
    public List<int[]> next(int count) {
        return Stream.generate(this::next).limit(count).toList();
    }

    private int[] next() {
        return IntStream.concat(
                        IntStream.of(prefix),
                        random.ints(length - prefix.length, 0, vocabulary.length)
                                .map(i -> vocabulary[i]))
                .toArray();
    }
}
