package io.github.panllama.evaluation;

import java.util.function.IntPredicate;

/**
 * How a text lies in windows: where each begins, and which of its tokens are counted. Upstream's arithmetic.
 *
 * @param tokens the text
 * @param size tokens of a window
 * @param step tokens from the start of a window to that of the next one
 * @param first the first position of a window whose prediction is counted
 * @param count windows
 * @param begin the token that takes the place of each window's first one, or {@link #NONE}
 * @param wanted which tokens of the text may be counted, by their index
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Windows(int[] tokens, int size, int step, int first, int count, int begin, IntPredicate wanted) {
    static final int NONE = -1;

    /** Windows side by side; the second half of each is counted. */
    static Windows sideBySide(int[] tokens, int size, int maxChunks, int begin, IntPredicate wanted) {
        return new Windows(tokens, size, size, size / 2, Math.min(maxChunks, tokens.length / size), begin, wanted);
    }

    /** Windows that overlap; the last {@code stride} tokens of each are counted. */
    static Windows overlapping(int[] tokens, int size, int stride, int maxChunks, IntPredicate wanted) {
        checkLength(tokens, size);
        if (stride >= size) {
            throw new IllegalArgumentException(
                    "stride is %d, must be less than the %d tokens of a window".formatted(stride, size));
        }
        int count = Math.ceilDiv(tokens.length - size, stride);
        return new Windows(tokens, size, stride, size - stride - 1, Math.min(maxChunks, count), NONE, wanted);
    }

    /** Refuses a text of less than two windows. */
    static void checkLength(int[] tokens, int size) {
        if (tokens.length == 0) {
            throw new EvaluationException("The text is empty");
        }
        if (tokens.length < 2 * size) {
            throw new EvaluationException(("The text has %d tokens, too few: two windows of %d need %d."
                            + " Give a longer text, or set a smaller windowSize")
                    .formatted(tokens.length, size, 2 * size));
        }
    }

    int token(int window, int position) {
        return position == 0 && begin != NONE ? begin : tokens[window * step + position];
    }

    /** Whether what the model expects after this position is counted. */
    boolean counts(int window, int position) {
        return position >= first && position < size - 1 && wanted.test(window * step + position + 1);
    }

    /** What comes after a position. */
    int next(int window, int position) {
        return tokens[window * step + position + 1];
    }

    /** How many positions are counted. */
    int counted() {
        int counted = 0;
        for (int window = 0; window < count; window++) {
            for (int position = first; position < size - 1; position++) {
                counted += counts(window, position) ? 1 : 0;
            }
        }
        return counted;
    }

    /** Refuses windows in which nothing is counted. */
    Windows checkCounted() {
        if (counted() == 0) {
            throw new EvaluationException(("countedTokens finds none of the %d tokens that %d windows of %d count."
                            + " Count more, or set a stride")
                    .formatted(Math.multiplyExact(count, size - 1 - first), count, size));
        }
        return this;
    }
}
