package io.github.panllama.training.transformer;

import io.github.panllama.training.math.Vectors;

/** Root-mean-square normalisation with a factor for each column. */
final class Norm {
    private final Parameter factors;
    private final int width;
    private final float[] inverse;
    private final float[] scaled;

    Norm(Parameter factors, int places) {
        this.factors = factors;
        width = factors.columns();
        inverse = new float[places];
        scaled = new float[width];
    }

    void forward(float[] weights, float[] x, float[] y, int places) {
        int w = factors.offset();
        for (int t = 0; t < places; t++) {
            int row = t * width;
            float r = (float) (1 / Math.sqrt(Vectors.dot(x, row, x, row, width) / width + Shape.EPSILON));
            inverse[t] = r;
            for (int i = 0; i < width; i++) {
                y[row + i] = x[row + i] * r * weights[w + i];
            }
        }
    }

    /** Adds to the gradients of the factors and of x. */
    void backward(float[] weights, float[] gradients, float[] x, float[] dy, float[] dx, int places) {
        int w = factors.offset();
        for (int t = 0; t < places; t++) {
            int row = t * width;
            float r = inverse[t];
            for (int i = 0; i < width; i++) {
                gradients[w + i] += dy[row + i] * x[row + i] * r;
                scaled[i] = dy[row + i] * weights[w + i];
            }
            float c = Vectors.dot(scaled, 0, x, row, width) * r * r * r / width;
            for (int i = 0; i < width; i++) {
                dx[row + i] += r * scaled[i] - c * x[row + i];
            }
        }
    }
}
