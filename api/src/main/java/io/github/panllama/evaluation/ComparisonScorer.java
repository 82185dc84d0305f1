package io.github.panllama.evaluation;

/** Keeps how two models' expectations differ at each token. */
final class ComparisonScorer implements WindowPass.Scorer {
    private final double[] referenceLosses;
    private final double[] candidateLosses;
    private final double[] divergences;
    private final boolean[] agreements;

    ComparisonScorer(int count) {
        this.referenceLosses = new double[count];
        this.candidateLosses = new double[count];
        this.divergences = new double[count];
        this.agreements = new boolean[count];
    }

    @Override
    public void score(int index, int next, float[][] logits) {
        LogSoftmax reference = new LogSoftmax(logits[0]);
        LogSoftmax candidate = new LogSoftmax(logits[1]);
        referenceLosses[index] = -reference.of(next);
        candidateLosses[index] = -candidate.of(next);
        divergences[index] = divergence(reference, candidate);
        agreements[index] = reference.argmax() == candidate.argmax();
    }

    private static double divergence(LogSoftmax reference, LogSoftmax candidate) {
        double sum = 0;
        for (int token = 0; token < reference.size(); token++) {
            double logarithm = reference.of(token);
            double probability = Math.exp(logarithm);
            // What cannot come adds nothing, however unlike the two are there.
            if (probability > 0) {
                sum += probability * (logarithm - candidate.of(token));
            }
        }
        // Never negative but by rounding.
        return Math.max(0, sum);
    }

    @Override
    public double figure(int count) {
        return Moments.mean(divergences, count);
    }

    ComparisonResult result(Windows windows, Progress progress) {
        PerplexityResult reference = perplexity(referenceLosses, windows, progress);
        PerplexityResult candidate = perplexity(candidateLosses, windows, progress);
        double ratio = Math.exp(candidate.negativeLogLikelihood() - reference.negativeLogLikelihood());
        double[] lossChanges = new double[divergences.length];
        double[] changes = new double[divergences.length];
        double squares = 0;
        int agreed = 0;
        for (int i = 0; i < changes.length; i++) {
            lossChanges[i] = candidateLosses[i] - referenceLosses[i];
            changes[i] = Math.exp(-candidateLosses[i]) - Math.exp(-referenceLosses[i]);
            squares += changes[i] * changes[i];
            agreed += agreements[i] ? 1 : 0;
        }
        return new ComparisonResult(
                reference,
                candidate,
                ratio,
                // The losses of one token belong together, so their difference is surer than they are.
                ratio * Moments.standardError(lossChanges),
                Distribution.of(divergences),
                (double) agreed / agreements.length,
                Moments.mean(changes),
                Math.sqrt(squares / changes.length));
    }

    private static PerplexityResult perplexity(double[] losses, Windows windows, Progress progress) {
        // Both models computed every token, in turn.
        return PerplexityResult.of(losses, windows, progress.tokens() / 2, progress.duration());
    }
}
