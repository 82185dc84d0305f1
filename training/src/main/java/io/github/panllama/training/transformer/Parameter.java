package io.github.panllama.training.transformer;

import io.github.panllama.training.math.Matrix;

/**
 * A tensor of weights: where it lies in the array of all of them, and what it is called in a GGUF file.
 *
 * @param slices matrices one after the other: one for each expert, else 1
 * @param rows outputs
 * @param columns inputs
 * @param kind how it starts and how it is optimised
 */
public record Parameter(String name, int offset, int slices, int rows, int columns, Kind kind) {
    /** What a parameter is for. */
    public enum Kind {
        /** A vector of factors, all one at first. */
        NORM,
        EMBEDDING,
        MATRIX,
        /** A matrix whose output is added to the residual stream: zero at first. */
        RESIDUAL,
        ROUTER
    }

    public int size() {
        return slices * rows * columns;
    }

    public Matrix in(float[] all) {
        return slice(all, 0);
    }

    public Matrix slice(float[] all, int slice) {
        return Matrix.of(all, offset + slice * rows * columns, rows, columns);
    }
}
