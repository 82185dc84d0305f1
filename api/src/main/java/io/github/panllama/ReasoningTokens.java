package io.github.panllama;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The texts of a {@link SamplerStage.ReasoningBudget} as a vocabulary writes them. */
final class ReasoningTokens {
    private final int budget;
    private final int[] begin;
    private final List<int[]> ends;
    private final int[] forced;
    private final int[] promptEnd;

    private ReasoningTokens(SamplerStage.ReasoningBudget budget, Tokenizer tokenizer) {
        this.budget = budget.tokens();
        this.begin = tokenizer.encode(budget.begin(), false, true);
        this.ends = budget.ends().stream()
                .map(end -> tokenizer.encode(end, false, true))
                .toList();
        int[] message = tokenizer.encode(budget.message(), false, true);
        this.forced = IntStream.concat(Arrays.stream(message), Arrays.stream(ends.getFirst()))
                .toArray();
        this.promptEnd = promptEnd(budget.promptEnd(), tokenizer);
    }

    static ReasoningTokens of(SamplerStage.ReasoningBudget budget, Tokenizer tokenizer) {
        return new ReasoningTokens(budget, tokenizer);
    }

    int create(MemorySegment vocabulary, Arena arena, MemorySegment out) {
        int[] all = ends.stream().flatMapToInt(Arrays::stream).toArray();
        long[] lengths = ends.stream().mapToLong(end -> end.length).toArray();
        return LlamaC.panllama_sampler_reasoning_budget(
                vocabulary,
                arena.allocateFrom(JAVA_INT, begin),
                begin.length,
                arena.allocateFrom(JAVA_INT, all),
                arena.allocateFrom(JAVA_LONG, lengths),
                lengths.length,
                arena.allocateFrom(JAVA_INT, forced),
                forced.length,
                arena.allocateFrom(JAVA_INT, promptEnd),
                promptEnd.length,
                budget,
                out);
    }

    /** Some vocabularies write a space before the first word, which the prompt does not have there. */
    static int[] promptEnd(String text, Tokenizer tokenizer) {
        int[] tokens = tokenizer.encode(text, false, true);
        boolean spaced = tokens.length > 0 && startsWithSpace(tokenizer.piece(tokens[0], true));
        return spaced && !Character.isWhitespace(text.charAt(0))
                ? Arrays.copyOfRange(tokens, 1, tokens.length)
                : tokens;
    }

    private static boolean startsWithSpace(byte[] piece) {
        return piece.length > 0 && Character.isWhitespace(piece[0]);
    }
}
