package io.github.panllama;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.panllama.bindings.gen.LlamaC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The scores that the model gives to each token of its vocabulary as the next one: a view of native memory, readable
 * until its context decodes again; later reads throw {@link IllegalStateException}.
 *
 * <p><b>Threads.</b> Those of its context: one call at a time.
 */
public final class Logits {
    private final FloatView view;

    Logits(FloatView view) {
        this.view = view;
    }

    /**
     * A token and how likely it is.
     *
     * @param token the token's id
     * @param logit its score
     * @param probability its share of all tokens, from 0 to 1
     */
    public record Candidate(int token, float logit, float probability) {}

    /** Number of tokens in the vocabulary. */
    public int size() {
        return view.size();
    }

    /** The score of one token. */
    public float get(int token) {
        return view.get(token);
    }

    /** Copies all scores into an array, from {@code offset} on. */
    public void copyTo(float[] target, int offset) {
        view.copyTo(target, offset);
    }

    /** A copy of all scores, by token id. */
    public float[] toArray() {
        return view.toArray();
    }

    /** The token with the largest score; of several, the one with the smallest id. */
    public int argmax() {
        float[] scores = toArray();
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            if (scores[i] > scores[best]) {
                best = i;
            }
        }
        return best;
    }

    /** The probability of each token, by token id: the softmax of the scores. A copy. */
    public float[] probabilities() {
        float[] scores = toArray();
        double logSum = logSumExp(scores);
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) Math.exp(scores[i] - logSum);
        }
        return scores;
    }

    /** The natural logarithm of one token's probability. */
    public double logProbability(int token) {
        float[] scores = toArray();
        Check.index("token", token, scores.length);
        return scores[token] - logSumExp(scores);
    }

    /** The {@code count} most likely tokens, the most likely first; of equals, the smallest id first. */
    public List<Candidate> top(int count) {
        Check.positive("count", count);
        float[] scores = toArray();
        double logSum = logSumExp(scores);
        Comparator<Integer> worstFirst =
                Comparator.<Integer>comparingDouble(token -> scores[token]).thenComparing(Comparator.reverseOrder());
        PriorityQueue<Integer> best = new PriorityQueue<>(worstFirst);
        for (int token = 0; token < scores.length; token++) {
            best.add(token);
            if (best.size() > count) {
                best.poll();
            }
        }
        return best.stream()
                .sorted(worstFirst.reversed())
                .map(token -> new Candidate(token, scores[token], (float) Math.exp(scores[token] - logSum)))
                .toList();
    }

    /**
     * The natural logarithm of one token's probability, and those of the {@code count} likeliest tokens; computed in one
     * native pass, without a copy of the scores. ({@code panllama_logprobs})
     *
     * @param count 0 for the token's own alone
     * @throws SamplingException if the scores are not numbers
     */
    public TokenLogprob logprob(int token, int count) {
        Check.index("token", token, size());
        Check.range("count", count, 0, size());
        return view.read(scores -> logprob(scores, token, count));
    }

    private TokenLogprob logprob(MemorySegment scores, int token, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment logprob = arena.allocate(JAVA_DOUBLE);
            MemorySegment tokens = arena.allocate(JAVA_INT, Math.max(1, count));
            MemorySegment logprobs = arena.allocate(JAVA_DOUBLE, Math.max(1, count));
            int status = LlamaC.panllama_logprobs(scores, size(), token, count, logprob, tokens, logprobs);
            if (status != LlamaC.PANLLAMA_OK()) {
                throw new SamplingException("No logarithm of a probability: " + Natives.lastError());
            }
            List<TokenLogprob.Alternative> alternatives = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                alternatives.add(new TokenLogprob.Alternative(
                        tokens.getAtIndex(JAVA_INT, i), logprobs.getAtIndex(JAVA_DOUBLE, i)));
            }
            return new TokenLogprob(token, logprob.get(JAVA_DOUBLE, 0), alternatives);
        }
    }

    private static double logSumExp(float[] scores) {
        float max = Float.NEGATIVE_INFINITY;
        for (float score : scores) {
            max = Math.max(max, score);
        }
        double sum = 0;
        for (float score : scores) {
            sum += Math.exp(score - max);
        }
        return max + Math.log(sum);
    }
}
