package io.github.panllama.training.corpus;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** Prints conversations to look at: {@code CorpusSample [COUNT [SEED]]}. */
public final class CorpusSample {
    private CorpusSample() {}

    /**
     * Prints them, each with its skill.
     *
     * @param args how many, 20 by default, and a seed
     */
    public static void main(String[] args) {
        int count = args.length > 0 ? Integer.parseInt(args[0]) : 20;
        long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        var random = new SplittableRandom(seed);
        Corpus corpus = Corpus.of(seed);
        for (int i = 0; i < count; i++) {
            Conversation conversation = corpus.next(random);
            out.println("--- " + conversation.skill());
            out.println(ChatFormat.prompt(conversation) + " >>> " + ChatFormat.answer(conversation));
        }
    }
}
