package io.github.panllama.training.transformer;

import io.github.panllama.training.math.Matrix;
import io.github.panllama.training.math.Products;
import io.github.panllama.training.math.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Routed experts as DeepSeekMoE has them: a softmax over all of them, the likeliest few compute, each weighted by its
 * probability as it is. A small loss keeps their load even.
 */
final class Experts {
    /** Weight of the load-balance loss. */
    static final float BALANCE = 0.01f;

    private final Parameter router;
    private final int experts;
    private final int used;
    private final int width;
    private final Products products;
    private final List<FeedForward> layers = new ArrayList<>();
    private final float[] probabilities;
    private final float[] dprobabilities;
    /** For each expert, the places that it serves; rows of a place in inputs and outputs go by this order. */
    private final int[][] served;

    private final int[] counts;
    private final float[] inputs;
    private final float[] outputs;
    private final float[] dinputs;
    private final float[] doutputs;

    Experts(Shape shape, Parameters.Mixture mixture, Products products, int places) {
        router = mixture.router();
        experts = shape.experts();
        used = shape.expertsUsed();
        width = shape.width();
        this.products = products;
        for (int e = 0; e < experts; e++) {
            layers.add(new FeedForward(mixture.experts(), e, products, places));
        }
        probabilities = new float[places * experts];
        dprobabilities = new float[places * experts];
        served = new int[experts][places];
        counts = new int[experts];
        inputs = new float[places * used * width];
        outputs = new float[places * used * width];
        dinputs = new float[places * used * width];
        doutputs = new float[places * used * width];
    }

    /** Adds what the experts say to y. */
    void forward(float[] weights, float[] x, float[] y, int places) {
        products.multiply(
                Matrix.of(x, places, width),
                router.in(weights).transposed(),
                Matrix.of(probabilities, places, experts));
        Arrays.fill(counts, 0);
        for (int t = 0; t < places; t++) {
            Vectors.softmax(probabilities, t * experts, experts);
            choose(t);
        }
        int first = 0;
        for (int e = 0; e < experts; e++) {
            for (int i = 0; i < counts[e]; i++) {
                System.arraycopy(x, served[e][i] * width, inputs, (first + i) * width, width);
            }
            layers.get(e).forward(weights, rows(inputs, first, e), rows(outputs, first, e));
            for (int i = 0; i < counts[e]; i++) {
                int t = served[e][i];
                Vectors.addScaled(probabilities[t * experts + e], outputs, (first + i) * width, y, t * width, width);
            }
            first += counts[e];
        }
    }

    private void choose(int t) {
        long taken = 0;
        for (int n = 0; n < used; n++) {
            int best = -1;
            for (int e = 0; e < experts; e++) {
                if ((taken >> e & 1) == 0
                        && (best < 0 || probabilities[t * experts + e] > probabilities[t * experts + best])) {
                    best = e;
                }
            }
            taken |= 1L << best;
            served[best][counts[best]++] = t;
        }
    }

    /**
     * Adds to the gradients of the weights and of x.
     *
     * @param share of this batch in the loss, for the balance of the load
     */
    void backward(float[] weights, float[] gradients, float[] x, float[] dy, float[] dx, int places, float share) {
        for (int t = 0; t < places; t++) {
            for (int e = 0; e < experts; e++) {
                float load = (float) counts[e] / (used * places);
                dprobabilities[t * experts + e] = BALANCE * share * experts * load / places;
            }
        }
        int first = 0;
        Arrays.fill(dinputs, 0, places * used * width, 0);
        for (int e = 0; e < experts; e++) {
            for (int i = 0; i < counts[e]; i++) {
                int t = served[e][i];
                int row = (first + i) * width;
                dprobabilities[t * experts + e] += Vectors.dot(outputs, row, dy, t * width, width);
                float p = probabilities[t * experts + e];
                for (int j = 0; j < width; j++) {
                    doutputs[row + j] = p * dy[t * width + j];
                }
            }
            layers.get(e)
                    .backward(
                            weights,
                            gradients,
                            rows(inputs, first, e),
                            rows(doutputs, first, e),
                            rows(dinputs, first, e));
            for (int i = 0; i < counts[e]; i++) {
                Vectors.addScaled(1, dinputs, (first + i) * width, dx, served[e][i] * width, width);
            }
            first += counts[e];
        }
        route(weights, gradients, x, dx, places);
    }

    private void route(float[] weights, float[] gradients, float[] x, float[] dx, int places) {
        for (int t = 0; t < places; t++) {
            int row = t * experts;
            float mean = Vectors.dot(probabilities, row, dprobabilities, row, experts);
            for (int e = row; e < row + experts; e++) {
                dprobabilities[e] = probabilities[e] * (dprobabilities[e] - mean);
            }
        }
        Matrix dlogits = Matrix.of(dprobabilities, places, experts);
        products.multiplyAdd(dlogits.transposed(), Matrix.of(x, places, width), router.in(gradients));
        products.multiplyAdd(dlogits, router.in(weights), Matrix.of(dx, places, width));
    }

    private Matrix rows(float[] data, int first, int expert) {
        return Matrix.of(data, first * width, counts[expert], width);
    }

    /** The mean of the probabilities times the load, which is 1 where the load is even. */
    double balanceLoss(int places) {
        double loss = 0;
        for (int e = 0; e < experts; e++) {
            double mean = 0;
            for (int t = 0; t < places; t++) {
                mean += probabilities[t * experts + e];
            }
            loss += mean / places * counts[e] / (used * (double) places) * experts;
        }
        return loss;
    }
}
