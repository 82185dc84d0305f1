package io.github.panllama.training.transformer;

import io.github.panllama.training.math.Matrix;
import io.github.panllama.training.math.Products;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One layer: attention and feed-forward, each added to the residual stream. Keeps what its gradients need. */
final class Block {
    private final Parameters.Layer layer;
    private final int width;
    private final int keyValueWidth;
    private final Products products;
    private final Rotary rotary;
    private final Attention attention;
    private final Norm attentionNorm;
    private final Norm feedForwardNorm;
    private final FeedForward feedForward;
    private final @Nullable Experts experts;

    private final float[] normed;
    private final float[] q;
    private final float[] k;
    private final float[] v;
    private final float[] attended;
    private final float[] middle;
    private final float[] middleNormed;
    private final float[] dwide;
    private final float[] dq;
    private final float[] dk;
    private final float[] dv;

    Block(Parameters parameters, int index, Products products, Rotary rotary, int places) {
        Shape shape = parameters.shape();
        layer = parameters.layer(index);
        width = shape.width();
        keyValueWidth = shape.keyValueWidth();
        this.products = products;
        this.rotary = rotary;
        attention = new Attention(shape, products);
        attentionNorm = new Norm(layer.attentionNorm(), places);
        feedForwardNorm = new Norm(layer.feedForwardNorm(), places);
        feedForward = new FeedForward(layer.feedForward(), 0, products, places);
        experts = shape.mixes(index) ? new Experts(shape, layer.mixture(), products, places) : null;
        normed = new float[places * width];
        q = new float[places * width];
        k = new float[places * keyValueWidth];
        v = new float[places * keyValueWidth];
        attended = new float[places * width];
        middle = new float[places * width];
        middleNormed = new float[places * width];
        dwide = new float[places * width];
        dq = new float[places * width];
        dk = new float[places * keyValueWidth];
        dv = new float[places * keyValueWidth];
    }

    void forward(float[] weights, Documents documents, float[] x, float[] y) {
        int places = documents.places();
        attentionNorm.forward(weights, x, normed, places);
        Matrix n = wide(normed, places);
        products.multiply(n, layer.query().in(weights).transposed(), wide(q, places));
        products.multiply(n, layer.key().in(weights).transposed(), narrow(k, places));
        products.multiply(n, layer.value().in(weights).transposed(), narrow(v, places));
        rotary.forward(documents, q, width);
        rotary.forward(documents, k, keyValueWidth);
        attention.forward(documents, q, k, v, attended);
        System.arraycopy(x, 0, middle, 0, places * width);
        products.multiplyAdd(
                wide(attended, places), layer.attentionOutput().in(weights).transposed(), wide(middle, places));

        feedForwardNorm.forward(weights, middle, middleNormed, places);
        feedForward.forward(weights, wide(middleNormed, places), wide(y, places));
        if (experts != null) {
            experts.forward(weights, middleNormed, y, places);
        }
        for (int i = 0; i < places * width; i++) {
            y[i] += middle[i];
        }
    }

    /** From the gradient of what came out to that of what went in, in the same array. */
    void backward(float[] weights, float[] gradients, Documents documents, float[] x, float[] dx, float share) {
        int places = documents.places();
        Arrays.fill(dwide, 0, places * width, 0);
        feedForward.backward(weights, gradients, wide(middleNormed, places), wide(dx, places), wide(dwide, places));
        if (experts != null) {
            experts.backward(weights, gradients, middleNormed, dx, dwide, places, share);
        }
        feedForwardNorm.backward(weights, gradients, middle, dwide, dx, places);

        Matrix d = wide(dx, places);
        products.multiplyAdd(
                d.transposed(), wide(attended, places), layer.attentionOutput().in(gradients));
        products.multiply(d, layer.attentionOutput().in(weights), wide(dwide, places));
        Arrays.fill(dk, 0, places * keyValueWidth, 0);
        Arrays.fill(dv, 0, places * keyValueWidth, 0);
        attention.backward(documents, q, k, v, dwide, dq, dk, dv);
        rotary.backward(documents, dq, width);
        rotary.backward(documents, dk, keyValueWidth);
        Matrix n = wide(normed, places);
        Matrix dn = wide(dwide, places);
        products.multiplyAdd(wide(dq, places).transposed(), n, layer.query().in(gradients));
        products.multiplyAdd(narrow(dk, places).transposed(), n, layer.key().in(gradients));
        products.multiplyAdd(narrow(dv, places).transposed(), n, layer.value().in(gradients));
        products.multiply(wide(dq, places), layer.query().in(weights), dn);
        products.multiplyAdd(narrow(dk, places), layer.key().in(weights), dn);
        products.multiplyAdd(narrow(dv, places), layer.value().in(weights), dn);
        attentionNorm.backward(weights, gradients, x, dwide, dx, places);
    }

    double balanceLoss(int places) {
        return experts == null ? 0 : experts.balanceLoss(places);
    }

    private Matrix wide(float[] data, int places) {
        return Matrix.of(data, places, width);
    }

    private Matrix narrow(float[] data, int places) {
        return Matrix.of(data, places, keyValueWidth);
    }
}
