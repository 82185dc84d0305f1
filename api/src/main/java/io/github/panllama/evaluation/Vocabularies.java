package io.github.panllama.evaluation;

import io.github.panllama.LlamaModel;
import io.github.panllama.Tokenizer;

/** Whether two models speak of the same tokens: only then can their probabilities be compared. */
final class Vocabularies {
    private Vocabularies() {}

    static void checkSame(LlamaModel reference, LlamaModel candidate) {
        Tokenizer one = reference.tokenizer();
        Tokenizer other = candidate.tokenizer();
        if (one.size() != other.size()) {
            throw different("%d tokens against %d".formatted(one.size(), other.size()));
        }
        if (one.type() != other.type()) {
            throw different("type %s against %s".formatted(one.type(), other.type()));
        }
        if (!one.beginOfText().equals(other.beginOfText()) || one.addsBeginOfText() != other.addsBeginOfText()) {
            throw different("another begin-of-text token");
        }
        for (int token = 0; token < one.size(); token++) {
            if (!one.text(token).equals(other.text(token))) {
                throw different("token %d is '%s' against '%s'".formatted(token, one.text(token), other.text(token)));
            }
        }
    }

    private static EvaluationException different(String what) {
        return new EvaluationException("The reference and the candidate have different vocabularies (" + what
                + "), so their probabilities cannot be compared");
    }
}
