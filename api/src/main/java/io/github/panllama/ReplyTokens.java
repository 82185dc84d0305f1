package io.github.panllama;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** The texts of a {@link SamplerStage.ReplyGrammar} as a vocabulary writes them. */
final class ReplyTokens {
    private final int scope;
    private final int[] promptEnd;
    private final int[] begin;
    private final List<int[]> ends;

    private ReplyTokens(SamplerStage.ReplyGrammar grammar, Tokenizer tokenizer) {
        boolean lazy = grammar.rules() instanceof SamplerStage.LazyGrammar;
        int awake = grammar.seesReasoning() ? LlamaC.PANLLAMA_GRAMMAR_WHOLE() : LlamaC.PANLLAMA_GRAMMAR_ANSWER();
        this.scope = lazy ? LlamaC.PANLLAMA_GRAMMAR_TRIGGERED() : awake;
        this.promptEnd = ReasoningTokens.promptEnd(grammar.promptEnd(), tokenizer);
        this.begin = tokenizer.encode(grammar.reasoningBegin(), false, true);
        this.ends = grammar.reasoningEnds().stream()
                .map(end -> tokenizer.encode(end, false, true))
                .toList();
    }

    static ReplyTokens of(SamplerStage.ReplyGrammar grammar, Tokenizer tokenizer) {
        return new ReplyTokens(grammar, tokenizer);
    }

    /** Makes the sampler, which takes over that of the rules, also where it cannot be made. */
    int create(MemorySegment rules, Arena arena, MemorySegment out) {
        int[] all = ends.stream().flatMapToInt(Arrays::stream).toArray();
        long[] lengths = ends.stream().mapToLong(end -> end.length).toArray();
        return LlamaC.panllama_sampler_reply_grammar(
                rules,
                scope,
                arena.allocateFrom(JAVA_INT, promptEnd),
                promptEnd.length,
                arena.allocateFrom(JAVA_INT, begin),
                begin.length,
                arena.allocateFrom(JAVA_INT, all),
                arena.allocateFrom(JAVA_LONG, lengths),
                lengths.length,
                out);
    }
}
