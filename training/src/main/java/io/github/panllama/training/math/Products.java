package io.github.panllama.training.math;

import java.util.Arrays;

/**
 * Products of matrices, one thread each. Every element of a product is summed in the same order on every machine.
 *
 * <p>Blocks of both factors are packed so that the innermost loop reads memory in order: a panel of b stays in the first
 * cache, a block of a in the second. An instance holds the room for that and belongs to one thread.
 */
public final class Products {
    private static final int DEPTH = 256;
    private static final int ROWS = 128;
    private static final int COLUMNS = 1024;

    private final Kernel kernel;
    private final int width;
    private final float[] packedA = new float[ROWS * DEPTH];
    private final float[] packedB = new float[DEPTH * COLUMNS];
    private final float[] edge;

    public Products() {
        this(Kernel.BEST);
    }

    Products(Kernel kernel) {
        this.kernel = kernel;
        width = kernel.tileColumns();
        edge = new float[Kernel.TILE_ROWS * width];
    }

    /** {@code c = a · b}. */
    public void multiply(Matrix a, Matrix b, Matrix c) {
        for (int i = 0; i < c.rows(); i++) {
            int row = c.offset() + i * c.rowStride();
            Arrays.fill(c.data(), row, row + c.columns(), 0);
        }
        multiplyAdd(a, b, c);
    }

    /** {@code c += a · b}. */
    public void multiplyAdd(Matrix a, Matrix b, Matrix c) {
        if (a.rows() != c.rows() || b.columns() != c.columns() || a.columns() != b.rows() || c.columnStride() != 1) {
            throw new IllegalArgumentException("No product of %d×%d and %d×%d into %d×%d"
                    .formatted(a.rows(), a.columns(), b.rows(), b.columns(), c.rows(), c.columns()));
        }
        for (int k = 0; k < a.columns(); k += DEPTH) {
            int depth = Math.min(DEPTH, a.columns() - k);
            for (int j = 0; j < c.columns(); j += COLUMNS) {
                int columns = Math.min(COLUMNS, c.columns() - j);
                packB(b, k, depth, j, columns);
                for (int i = 0; i < c.rows(); i += ROWS) {
                    int rows = Math.min(ROWS, c.rows() - i);
                    packA(a, i, rows, k, depth);
                    block(c, i, rows, j, columns, depth);
                }
            }
        }
    }

    private void block(Matrix c, int firstRow, int rows, int firstColumn, int columns, int depth) {
        for (int j = 0; j < columns; j += width) {
            for (int i = 0; i < rows; i += Kernel.TILE_ROWS) {
                int at = c.offset() + (firstRow + i) * c.rowStride() + firstColumn + j;
                if (j + width <= columns && i + Kernel.TILE_ROWS <= rows) {
                    kernel.tile(depth, packedA, i * depth, packedB, j * depth, c.data(), at, c.rowStride());
                } else {
                    Arrays.fill(edge, 0);
                    kernel.tile(depth, packedA, i * depth, packedB, j * depth, edge, 0, width);
                    addEdge(c, at, Math.min(Kernel.TILE_ROWS, rows - i), Math.min(width, columns - j));
                }
            }
        }
    }

    private void addEdge(Matrix c, int at, int rows, int columns) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                c.data()[at + i * c.rowStride() + j] += edge[i * width + j];
            }
        }
    }

    /** Panels of {@code TILE_ROWS} rows, column after column; rows that are missing in the last are zero. */
    private void packA(Matrix a, int firstRow, int rows, int firstColumn, int depth) {
        int to = 0;
        for (int i = 0; i < rows; i += Kernel.TILE_ROWS) {
            int present = Math.min(Kernel.TILE_ROWS, rows - i);
            int from = a.offset() + (firstRow + i) * a.rowStride() + firstColumn * a.columnStride();
            pack(a.data(), from, a.columnStride(), depth, a.rowStride(), present, packedA, to, Kernel.TILE_ROWS);
            to += depth * Kernel.TILE_ROWS;
        }
    }

    /** Panels of {@code width} columns, row after row; columns that are missing in the last are zero. */
    private void packB(Matrix b, int firstRow, int depth, int firstColumn, int columns) {
        int to = 0;
        for (int j = 0; j < columns; j += width) {
            int present = Math.min(width, columns - j);
            int from = b.offset() + firstRow * b.rowStride() + (firstColumn + j) * b.columnStride();
            pack(b.data(), from, b.rowStride(), depth, b.columnStride(), present, packedB, to, width);
            to += depth * width;
        }
    }

    /** Copies {@code lines} of {@code present} values each, a line for every {@code room} values. */
    private static void pack(
            float[] from, int at, int lineStride, int lines, int stride, int present, float[] to, int start, int room) {
        if (stride == 1) {
            for (int line = 0; line < lines; line++) {
                int out = start + line * room;
                System.arraycopy(from, at + line * lineStride, to, out, present);
                for (int i = present; i < room; i++) {
                    to[out + i] = 0;
                }
            }
            return;
        }
        for (int i = 0; i < room; i++) {
            for (int line = 0; line < lines; line++) {
                to[start + line * room + i] = i < present ? from[at + line * lineStride + i * stride] : 0;
            }
        }
    }
}
