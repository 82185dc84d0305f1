package io.github.panllama.training.transformer;

import io.github.panllama.training.math.Matrix;
import io.github.panllama.training.math.Products;
import io.github.panllama.training.math.Vectors;

/** Causal attention inside each document; several query heads share a head of keys and values. */
final class Attention {
    /** Queries at a time: what one block of them may see is one product. */
    private static final int BLOCK = 128;

    private final Shape shape;
    private final Products products;
    private final float scale;
    private final float[] weights;
    private final float[] gradients;

    Attention(Shape shape, Products products) {
        this.shape = shape;
        this.products = products;
        scale = (float) (1 / Math.sqrt(shape.headWidth()));
        weights = new float[BLOCK * shape.context()];
        gradients = new float[BLOCK * shape.context()];
    }

    /** What a block of queries of one head works on. */
    private record Block(int first, int count, int seen, Matrix q, Matrix k, Matrix v) {}

    @FunctionalInterface
    private interface Work {
        void on(int start, int end, int head, int keyValueHead);
    }

    void forward(Documents documents, float[] q, float[] k, float[] v, float[] output) {
        each(documents, (start, end, head, kv) -> {
            for (int first = 0; first < end - start; first += BLOCK) {
                Block block = block(start, end, first, head, kv, q, k, v);
                Matrix p = attend(block);
                products.multiply(p, block.v(), queries(output, start + first, block.count(), head));
            }
        });
    }

    /** Overwrites dq; adds to dk and dv, which start as zero. */
    void backward(
            Documents documents, float[] q, float[] k, float[] v, float[] doutput, float[] dq, float[] dk, float[] dv) {
        each(documents, (start, end, head, kv) -> {
            for (int first = 0; first < end - start; first += BLOCK) {
                Block block = block(start, end, first, head, kv, q, k, v);
                Matrix p = attend(block);
                Matrix dout = queries(doutput, start + first, block.count(), head);
                products.multiplyAdd(p.transposed(), dout, keys(dv, start, block.seen(), kv));
                Matrix ds = Matrix.of(gradients, block.count(), block.seen());
                products.multiply(dout, block.v().transposed(), ds);
                softmaxGradient(block);
                products.multiply(ds, block.k(), queries(dq, start + first, block.count(), head));
                products.multiplyAdd(ds.transposed(), block.q(), keys(dk, start, block.seen(), kv));
            }
        });
    }

    private void each(Documents documents, Work work) {
        int group = shape.heads() / shape.keyValueHeads();
        int[] starts = documents.starts();
        for (int d = 0; d + 1 < starts.length; d++) {
            for (int head = 0; head < shape.heads(); head++) {
                work.on(starts[d], starts[d + 1], head, head / group);
            }
        }
    }

    private Block block(int start, int end, int first, int head, int kv, float[] q, float[] k, float[] v) {
        int count = Math.min(BLOCK, end - start - first);
        int seen = first + count;
        return new Block(
                first,
                count,
                seen,
                queries(q, start + first, count, head),
                keys(k, start, seen, kv),
                keys(v, start, seen, kv));
    }

    private Matrix queries(float[] data, int firstRow, int rows, int head) {
        int width = shape.headWidth();
        return new Matrix(data, firstRow * shape.width() + head * width, rows, width, shape.width(), 1);
    }

    private Matrix keys(float[] data, int firstRow, int rows, int head) {
        int width = shape.headWidth();
        int stride = shape.keyValueWidth();
        return new Matrix(data, firstRow * stride + head * width, rows, width, stride, 1);
    }

    /** The attention weights of a block. */
    private Matrix attend(Block block) {
        Matrix scores = Matrix.of(weights, block.count(), block.seen());
        products.multiply(block.q(), block.k().transposed(), scores);
        for (int i = 0; i < block.count(); i++) {
            int row = i * block.seen();
            int visible = block.first() + i + 1;
            Vectors.scale(weights, row, visible, scale);
            Vectors.softmax(weights, row, visible);
            java.util.Arrays.fill(weights, row + visible, row + block.seen(), 0);
        }
        return scores;
    }

    /** From the gradients of the weights to those of the products of queries and keys. */
    private void softmaxGradient(Block block) {
        for (int i = 0; i < block.count(); i++) {
            int row = i * block.seen();
            float mean = Vectors.dot(weights, row, gradients, row, block.seen());
            for (int j = row; j < row + block.seen(); j++) {
                gradients[j] = weights[j] * (gradients[j] - mean) * scale;
            }
        }
    }
}
