package io.github.panllama.evaluation;

/** Keeps how surprised one model is by each token. */
final class PerplexityScorer implements WindowPass.Scorer {
    private final double[] losses;

    PerplexityScorer(int count) {
        this.losses = new double[count];
    }

    @Override
    public void score(int index, int next, float[][] logits) {
        losses[index] = -new LogSoftmax(logits[0]).of(next);
    }

    @Override
    public double figure(int count) {
        return Math.exp(Moments.mean(losses, count));
    }

    double[] losses() {
        return losses;
    }
}
