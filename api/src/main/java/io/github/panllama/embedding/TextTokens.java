package io.github.panllama.embedding;

import io.github.panllama.LlamaModel;
import io.github.panllama.Tokenizer;
import java.util.Arrays;

/** Turns texts into tokens, with those that the model wants around them, and cuts what is too long. */
final class TextTokens {
    private final Tokenizer tokenizer;
    private final boolean parseSpecial;
    private final Truncation truncation;
    private final int maxTokens;
    private final int before;
    private final int after;

    TextTokens(LlamaModel model, boolean parseSpecial, Truncation truncation, int maxTokens) {
        this.tokenizer = model.tokenizer();
        this.parseSpecial = parseSpecial;
        this.truncation = truncation;
        this.maxTokens = maxTokens;
        int[] frame = truncation == Truncation.REFUSE ? new int[0] : tokenizer.encode("", true, false);
        boolean begins = frame.length > 0 && tokenizer.beginOfText().orElse(-1) == frame[0];
        this.before = begins ? 1 : 0;
        this.after = frame.length - before;
        if (maxTokens <= frame.length) {
            throw new IllegalArgumentException(
                    "maxTokens is %d, must be above %d: the model adds %d tokens to each text"
                            .formatted(maxTokens, frame.length, frame.length));
        }
    }

    /** The tokens of a text. Where it is cut, the tokens around it stay. */
    int[] of(String text) {
        int[] tokens = tokenizer.encode(text, true, parseSpecial);
        int surplus = tokens.length - maxTokens;
        if (surplus <= 0 || truncation == Truncation.REFUSE) {
            return tokens;
        }
        int from = truncation == Truncation.KEEP_BEGINNING ? tokens.length - after - surplus : before;
        return without(tokens, from, surplus);
    }

    /** The same for tokens, which have nothing around them. */
    int[] of(int[] tokens) {
        if (tokens.length <= maxTokens) {
            return tokens;
        }
        return switch (truncation) {
            case REFUSE -> tokens;
            case KEEP_BEGINNING -> Arrays.copyOf(tokens, maxTokens);
            case KEEP_END -> Arrays.copyOfRange(tokens, tokens.length - maxTokens, tokens.length);
        };
    }

    private static int[] without(int[] tokens, int from, int count) {
        int[] rest = Arrays.copyOf(tokens, tokens.length - count);
        System.arraycopy(tokens, from + count, rest, from, rest.length - from);
        return rest;
    }
}
