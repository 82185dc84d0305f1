package io.github.panllama.training.math;

/** Plain Java, which the JIT compiler makes of it what it can. */
final class ScalarKernel extends Kernel {
    private static final int COLUMNS = 16;

    @Override
    int tileColumns() {
        return COLUMNS;
    }

    @Override
    void tile(
            int depth,
            float[] a,
            int aOffset,
            int aRow,
            int aColumn,
            float[] b,
            int bOffset,
            float[] c,
            int cOffset,
            int cRow) {
        for (int i = 0; i < TILE_ROWS; i++) {
            int row = cOffset + i * cRow;
            for (int k = 0; k < depth; k++) {
                float x = a[aOffset + i * aRow + k * aColumn];
                int from = bOffset + k * COLUMNS;
                for (int j = 0; j < COLUMNS; j++) {
                    c[row + j] += x * b[from + j];
                }
            }
        }
    }

    @Override
    float dot(float[] x, int xOffset, float[] y, int yOffset, int count) {
        float sum = 0;
        for (int i = 0; i < count; i++) {
            sum += x[xOffset + i] * y[yOffset + i];
        }
        return sum;
    }

    @Override
    void addScaled(float scale, float[] x, int xOffset, float[] y, int yOffset, int count) {
        for (int i = 0; i < count; i++) {
            y[yOffset + i] += scale * x[xOffset + i];
        }
    }

    @Override
    void exp(float[] x, int offset, int count, float shift) {
        for (int i = offset; i < offset + count; i++) {
            x[i] = (float) Math.exp(x[i] + shift);
        }
    }
}
