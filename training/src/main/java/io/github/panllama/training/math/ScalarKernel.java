package io.github.panllama.training.math;

import java.util.Arrays;

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
        float[] sums = new float[COLUMNS];
        for (int i = 0; i < TILE_ROWS; i++) {
            Arrays.fill(sums, 0);
            for (int k = 0; k < depth; k++) {
                float x = a[aOffset + i * aRow + k * aColumn];
                int from = bOffset + k * COLUMNS;
                for (int j = 0; j < COLUMNS; j++) {
                    sums[j] = Math.fma(x, b[from + j], sums[j]);
                }
            }
            int row = cOffset + i * cRow;
            for (int j = 0; j < COLUMNS; j++) {
                c[row + j] += sums[j];
            }
        }
    }

    @Override
    float dot(float[] x, int xOffset, float[] y, int yOffset, int count) {
        float[] sums = new float[SUMS];
        int whole = count - count % SUMS;
        for (int i = 0; i < whole; i += SUMS) {
            for (int n = 0; n < SUMS; n++) {
                sums[n] = Math.fma(x[xOffset + i + n], y[yOffset + i + n], sums[n]);
            }
        }
        float sum = total(sums);
        for (int i = whole; i < count; i++) {
            sum = Math.fma(x[xOffset + i], y[yOffset + i], sum);
        }
        return sum;
    }

    @Override
    float sum(float[] x, int offset, int count) {
        float[] sums = new float[SUMS];
        int whole = count - count % SUMS;
        for (int i = 0; i < whole; i += SUMS) {
            for (int n = 0; n < SUMS; n++) {
                sums[n] += x[offset + i + n];
            }
        }
        float sum = total(sums);
        for (int i = whole; i < count; i++) {
            sum += x[offset + i];
        }
        return sum;
    }

    @Override
    float max(float[] x, int offset, int count) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = offset; i < offset + count; i++) {
            max = Math.max(max, x[i]);
        }
        return max;
    }

    @Override
    void addScaled(float scale, float[] x, int xOffset, float[] y, int yOffset, int count) {
        for (int i = 0; i < count; i++) {
            y[yOffset + i] = Math.fma(scale, x[xOffset + i], y[yOffset + i]);
        }
    }

    @Override
    void exp(float[] x, int offset, int count, float shift) {
        for (int i = offset; i < offset + count; i++) {
            x[i] = Exponential.of(x[i] + shift);
        }
    }
}
