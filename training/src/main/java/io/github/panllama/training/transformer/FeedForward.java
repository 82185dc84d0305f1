package io.github.panllama.training.transformer;

import io.github.panllama.training.math.Matrix;
import io.github.panllama.training.math.Products;
import io.github.panllama.training.math.Vectors;

/** {@code down · (silu(gate · x) * (up · x))}: a dense layer, or one expert. */
final class FeedForward {
    private final Parameters.Gated gated;
    private final int slice;
    private final int inner;
    private final Products products;
    private final float[] gate;
    private final float[] up;
    private final float[] sigmoid;
    private final float[] activation;
    private final float[] dgate;

    FeedForward(Parameters.Gated gated, int slice, Products products, int places) {
        this.gated = gated;
        this.slice = slice;
        this.products = products;
        inner = gated.gate().rows();
        gate = new float[places * inner];
        up = new float[places * inner];
        sigmoid = new float[places * inner];
        activation = new float[places * inner];
        dgate = new float[places * inner];
    }

    /** Overwrites y. */
    void forward(float[] weights, Matrix x, Matrix y) {
        Matrix g = Matrix.of(gate, x.rows(), inner);
        Matrix u = Matrix.of(up, x.rows(), inner);
        products.multiply(x, gated.gate().slice(weights, slice).transposed(), g);
        products.multiply(x, gated.up().slice(weights, slice).transposed(), u);
        int count = x.rows() * inner;
        for (int i = 0; i < count; i++) {
            sigmoid[i] = -gate[i];
        }
        Vectors.exp(sigmoid, 0, count, 0);
        for (int i = 0; i < count; i++) {
            sigmoid[i] = 1 / (1 + sigmoid[i]);
            activation[i] = gate[i] * sigmoid[i] * up[i];
        }
        products.multiply(
                Matrix.of(activation, x.rows(), inner),
                gated.down().slice(weights, slice).transposed(),
                y);
    }

    /** Adds to the gradients of the weights and of x. */
    void backward(float[] weights, float[] gradients, Matrix x, Matrix dy, Matrix dx) {
        Matrix act = Matrix.of(activation, x.rows(), inner);
        products.multiplyAdd(dy.transposed(), act, gated.down().slice(gradients, slice));
        // The activation is not needed any more: its gradient, then that of `up`, take its room.
        products.multiply(dy, gated.down().slice(weights, slice), act);
        int count = x.rows() * inner;
        for (int i = 0; i < count; i++) {
            float s = sigmoid[i];
            float silu = gate[i] * s;
            dgate[i] = activation[i] * up[i] * s * (1 + gate[i] * (1 - s));
            activation[i] = activation[i] * silu;
        }
        Matrix dg = Matrix.of(dgate, x.rows(), inner);
        products.multiplyAdd(dg.transposed(), x, gated.gate().slice(gradients, slice));
        products.multiplyAdd(act.transposed(), x, gated.up().slice(gradients, slice));
        products.multiplyAdd(dg, gated.gate().slice(weights, slice), dx);
        products.multiplyAdd(act, gated.up().slice(weights, slice), dx);
    }
}
