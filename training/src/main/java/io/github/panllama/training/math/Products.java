package io.github.panllama.training.math;

import java.util.Arrays;

/**
 * Products of matrices, one thread each. Every element of a product is summed in one order, whatever the number of threads
 * and the width of a machine's registers.
 *
 * <p>Blocks of the right factor are packed so that the innermost loop reads memory in order. An instance holds the room for
 * that and belongs to one thread.
 */
public final class Products {
    private static final int DEPTH = 256;
    private static final int COLUMNS = 1024;

    private final Kernel kernel;
    private final int width;
    private final float[] packed = new float[DEPTH * COLUMNS];
    private final float[] edgeRows = new float[Kernel.TILE_ROWS * DEPTH];
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
                pack(b.part(k, depth, j, columns));
                block(a.part(0, a.rows(), k, depth), c.part(0, c.rows(), j, columns));
            }
        }
    }

    private void block(Matrix a, Matrix c) {
        int depth = a.columns();
        int wholeRows = c.rows() - c.rows() % Kernel.TILE_ROWS;
        int wholeColumns = c.columns() - c.columns() % width;
        for (int j = 0; j < wholeColumns; j += width) {
            for (int i = 0; i < wholeRows; i += Kernel.TILE_ROWS) {
                kernel.tile(
                        depth,
                        a.data(),
                        a.offset() + i * a.rowStride(),
                        a.rowStride(),
                        a.columnStride(),
                        packed,
                        j * depth,
                        c.data(),
                        c.offset() + i * c.rowStride() + j,
                        c.rowStride());
            }
        }
        for (int i = 0; i < c.rows(); i += Kernel.TILE_ROWS) {
            int rows = Math.min(Kernel.TILE_ROWS, c.rows() - i);
            int first = rows == Kernel.TILE_ROWS ? wholeColumns : 0;
            if (first < c.columns()) {
                edge(a.part(i, rows, 0, depth), c.part(i, rows, 0, c.columns()), first);
            }
        }
    }

    /** Tiles of which not all is wanted: computed aside, of rows that are filled up with zeros. */
    private void edge(Matrix a, Matrix c, int firstColumn) {
        int depth = a.columns();
        Arrays.fill(edgeRows, 0);
        for (int i = 0; i < a.rows(); i++) {
            int from = a.offset() + i * a.rowStride();
            for (int k = 0; k < depth; k++) {
                edgeRows[i * depth + k] = a.data()[from + k * a.columnStride()];
            }
        }
        for (int j = firstColumn; j < c.columns(); j += width) {
            Arrays.fill(edge, 0);
            kernel.tile(depth, edgeRows, 0, depth, 1, packed, j * depth, edge, 0, width);
            int columns = Math.min(width, c.columns() - j);
            for (int i = 0; i < c.rows(); i++) {
                int to = c.offset() + i * c.rowStride() + j;
                for (int n = 0; n < columns; n++) {
                    c.data()[to + n] += edge[i * width + n];
                }
            }
        }
    }

    /** Panels of {@code width} columns, row after row; columns that are missing in the last are zero. */
    private void pack(Matrix b) {
        for (int j = 0; j < b.columns(); j += width) {
            int present = Math.min(width, b.columns() - j);
            int from = b.offset() + j * b.columnStride();
            int to = j * b.rows();
            if (present < width) {
                Arrays.fill(packed, to, to + b.rows() * width, 0);
            }
            if (b.columnStride() == 1) {
                packRows(b, from, present, to);
            } else {
                packColumns(b, from, present, to);
            }
        }
    }

    private void packRows(Matrix b, int from, int present, int to) {
        for (int k = 0; k < b.rows(); k++) {
            System.arraycopy(b.data(), from + k * b.rowStride(), packed, to + k * width, present);
        }
    }

    private void packColumns(Matrix b, int from, int present, int to) {
        float[] data = b.data();
        float[] out = packed;
        int rows = b.rows();
        int stride = b.rowStride();
        int step = width;
        for (int j = 0; j < present; j++) {
            int in = from + j * b.columnStride();
            int at = to + j;
            for (int k = 0; k < rows; k++) {
                out[at] = data[in];
                in += stride;
                at += step;
            }
        }
    }
}
