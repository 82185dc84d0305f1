package io.github.panllama.evaluation;

/** Logarithms of the probabilities that a row of logits stands for, in double precision. */
final class LogSoftmax {
    private final float[] logits;
    private final int argmax;
    private final double logSum;

    LogSoftmax(float[] logits) {
        this.logits = logits;
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        double max = logits[best];
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - max);
        }
        this.argmax = best;
        this.logSum = max + Math.log(sum);
        if (Double.isNaN(logSum)) {
            throw new EvaluationException(
                    "The model's outputs are not numbers: the file may be damaged, or too coarse");
        }
    }

    /** The natural logarithm of a token's probability. */
    double of(int token) {
        return logits[token] - logSum;
    }

    /** The likeliest token; of several, the one with the smallest id. */
    int argmax() {
        return argmax;
    }

    int size() {
        return logits.length;
    }
}
