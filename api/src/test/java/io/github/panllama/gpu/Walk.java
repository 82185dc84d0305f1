package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.Batch;
import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The likeliest tokens after a prompt, one after the other, and the logits that each was chosen by. */
final class Walk {
    /** The two likeliest tokens tie where their logits differ by less than this part of the largest one. */
    static final double TIE = 1e-3;

    private static final System.Logger LOG = System.getLogger(Walk.class.getName());

    private final List<Integer> tokens = new ArrayList<>();
    private final List<float[]> logits = new ArrayList<>();

    private Walk() {}

    /** Walks from the start of a context's first sequence. */
    static Walk of(LlamaContext context, int[] prompt, int count) {
        context.memory().clear();
        return on(context, 0, prompt, count);
    }

    static Walk of(LlamaModel model, ContextOptions options, int[] prompt, int count) {
        try (LlamaContext context = model.newContext(options)) {
            return of(context, prompt, count);
        }
    }

    /** Walks on from a position of the first sequence, where the prompt goes. */
    static Walk on(LlamaContext context, int position, int[] prompt, int count) {
        Walk walk = new Walk();
        int at = position;
        int[] next = prompt;
        for (int i = 0; i < count; i++) {
            float[] row = evaluate(context, at, next);
            at += next.length;
            next = new int[] {argmax(row)};
            walk.logits.add(row);
            walk.tokens.add(next[0]);
        }
        return walk;
    }

    /** Decodes tokens, as many at a time as the context takes, and answers the logits of the last. */
    static float[] evaluate(LlamaContext context, int position, int... tokens) {
        int rows = Math.min(tokens.length, context.batchSize());
        try (Batch batch = context.newBatch(rows)) {
            int done = 0;
            while (true) {
                int count = Math.min(rows, tokens.length - done);
                batch.clear();
                batch.addAll(tokens, done, done + count, position + done, 0, true);
                context.decode(batch);
                done += count;
                if (done == tokens.length) {
                    return context.logits(count - 1).toArray();
                }
            }
        }
    }

    /** Ordinary tokens of a model with 512, the same ones for the same seed. */
    static int[] prompt(int length, long seed) {
        return new Random(seed).ints(length, 0, 400).toArray();
    }

    List<Integer> tokens() {
        return tokens;
    }

    float[] lastLogits() {
        return logits.getLast();
    }

    /**
     * Fails unless this has the expected tokens, up to where the two likeliest tie. Up to there the logits must not be
     * farther apart than {@code distance}: 0 for equal ones, 1 for a difference as large as they are.
     */
    void assertFollows(String what, Walk expected, double distance) {
        for (int i = 0; i < expected.tokens.size(); i++) {
            float[] wanted = expected.logits.get(i);
            assertThat(distance(logits.get(i), wanted))
                    .as("%s: distance of the logits at token %d", what, i)
                    .isLessThan(distance);
            int right = expected.tokens.get(i);
            int chosen = tokens.get(i);
            if (chosen != right) {
                double gap = wanted[right] - wanted[chosen];
                String place = "%s: they part at token %d, where %d has the logit %.6f and %d has %.6f"
                        .formatted(what, i, right, wanted[right], chosen, wanted[chosen]);
                assertThat(gap).as(place).isLessThanOrEqualTo(TIE * Math.abs(wanted[right]));
                LOG.log(System.Logger.Level.INFO, place);
                return;
            }
        }
    }

    /** How far some logits are from those that are expected, beside the size of these. */
    static double distance(float[] logits, float[] expected) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += (logits[i] - expected[i]) * (double) (logits[i] - expected[i]);
            size += expected[i] * (double) expected[i];
        }
        return Math.sqrt(difference / size);
    }

    static int argmax(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }
}
