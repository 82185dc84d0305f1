package io.github.panllama.training.transformer;

import io.github.panllama.training.math.Products;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Muon for matrices, AdamW for the rest.
 *
 * <p>Muon (K. Jordan, 2024) takes the momentum's nearest orthogonal matrix as the step, so that no direction of a matrix
 * is left behind. Each step of a matrix is scaled to the size that AdamW's would have (J. Liu et al., "Muon is scalable
 * for LLM training", 2025).
 */
public final class Optimizer {
    private static final float MOMENTUM = 0.95f;
    private static final float FIRST = 0.9f;
    private static final float SECOND = 0.98f;
    private static final float EPSILON = 1e-8f;
    private static final float DECAY = 0.05f;
    private static final float UPDATE_SIZE = 0.2f;
    private static final float ADAM_SHARE = 0.6f;

    private final Parameters parameters;
    private final float[] first;
    private final float[] second;
    private final List<Slice> slices;
    private int step;

    /** A matrix of a parameter. */
    private record Slice(Parameter parameter, int offset) {}

    public Optimizer(Parameters parameters) {
        this.parameters = parameters;
        first = new float[parameters.size()];
        second = new float[parameters.size()];
        slices = parameters.all().stream()
                .flatMap(parameter -> IntStream.range(0, parameter.slices())
                        .mapToObj(i ->
                                new Slice(parameter, parameter.offset() + i * parameter.rows() * parameter.columns())))
                .toList();
    }

    /** Running means of the gradients, and of their squares: with the weights, all that the next step depends on. */
    public float[] first() {
        return first;
    }

    public float[] second() {
        return second;
    }

    /** Goes on after steps that were taken before. */
    public void continueAfter(int steps) {
        step = steps;
    }

    /** Changes the weights; several threads at once, with the same result for any number of them. */
    public void step(float[] gradients, float rate) {
        step++;
        slices.parallelStream().forEach(slice -> {
            switch (slice.parameter().kind()) {
                case MATRIX, RESIDUAL -> muon(slice, gradients, rate);
                case NORM, EMBEDDING, ROUTER -> adam(slice, gradients, ADAM_SHARE * rate);
            }
        });
    }

    private void adam(Slice slice, float[] gradients, float rate) {
        float[] weights = parameters.values();
        Parameter parameter = slice.parameter();
        float decay = parameter.kind() == Parameter.Kind.NORM ? 0 : DECAY * rate;
        double firstCorrection = 1 - StrictMath.pow(FIRST, step);
        double secondCorrection = 1 - StrictMath.pow(SECOND, step);
        for (int i = slice.offset(); i < slice.offset() + parameter.rows() * parameter.columns(); i++) {
            float g = gradients[i];
            first[i] = FIRST * first[i] + (1 - FIRST) * g;
            second[i] = SECOND * second[i] + (1 - SECOND) * g * g;
            double update = first[i] / firstCorrection / (Math.sqrt(second[i] / secondCorrection) + EPSILON);
            weights[i] -= (float) (rate * update + decay * weights[i]);
        }
    }

    private void muon(Slice slice, float[] gradients, float rate) {
        float[] weights = parameters.values();
        int rows = slice.parameter().rows();
        int columns = slice.parameter().columns();
        float[] update = new float[rows * columns];
        for (int i = 0; i < update.length; i++) {
            int at = slice.offset() + i;
            first[at] = MOMENTUM * first[at] + gradients[at];
            update[i] = gradients[at] + MOMENTUM * first[at];
        }
        Orthogonal.nearest(update, rows, columns, new Products());
        float scale = UPDATE_SIZE * (float) Math.sqrt(Math.max(rows, columns)) * rate;
        for (int i = 0; i < update.length; i++) {
            int at = slice.offset() + i;
            weights[at] -= scale * update[i] + DECAY * rate * weights[at];
        }
    }
}
