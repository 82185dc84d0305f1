package io.github.panllama.training.transformer;

import io.github.panllama.training.math.Matrix;
import io.github.panllama.training.math.Products;
import io.github.panllama.training.math.Vectors;

/** The orthogonal matrix next to a given one, roughly: five steps of a quintic Newton–Schulz iteration. */
final class Orthogonal {
    /** Coefficients that bring singular values from near zero to near one fastest. */
    private static final float A = 3.4445f;

    private static final float B = -4.775f;
    private static final float C = 2.0315f;
    private static final int STEPS = 5;

    private Orthogonal() {}

    /** Replaces the matrix. A zero matrix stays. */
    static void nearest(float[] x, int rows, int columns, Products products) {
        float norm = (float) Math.sqrt(Vectors.dot(x, 0, x, 0, x.length));
        if (norm == 0) {
            return;
        }
        Vectors.scale(x, 0, x.length, 1 / norm);
        // The product with the smaller side.
        int side = Math.min(rows, columns);
        float[] gram = new float[side * side];
        float[] square = new float[side * side];
        float[] next = new float[x.length];
        boolean wide = rows <= columns;
        Matrix m = Matrix.of(x, rows, columns);
        Matrix g = Matrix.of(gram, side, side);
        for (int step = 0; step < STEPS; step++) {
            products.multiply(wide ? m : m.transposed(), wide ? m.transposed() : m, g);
            products.multiply(g, g, Matrix.of(square, side, side));
            for (int i = 0; i < gram.length; i++) {
                gram[i] = B * gram[i] + C * square[i];
            }
            products.multiply(wide ? g : m, wide ? m : g, Matrix.of(next, rows, columns));
            Vectors.addScaled(A, x, 0, next, 0, next.length);
            System.arraycopy(next, 0, x, 0, x.length);
        }
    }
}
