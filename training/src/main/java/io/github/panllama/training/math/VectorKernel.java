package io.github.panllama.training.math;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * As wide as the machine's registers, up to {@value #SUMS} lanes. A tile of a product stays in 16 of them.
 *
 * <p>The loops call nothing of ours: a method that the JIT compiler decides not to inline would get its vectors as objects.
 */
final class VectorKernel extends Kernel {
    private static final VectorSpecies<Float> SPECIES =
            FloatVector.SPECIES_PREFERRED.length() > SUMS ? FloatVector.SPECIES_512 : FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    @Override
    int tileColumns() {
        return 2 * LANES;
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
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c01 = c00;
        FloatVector c10 = FloatVector.zero(SPECIES);
        FloatVector c11 = c10;
        FloatVector c20 = FloatVector.zero(SPECIES);
        FloatVector c21 = c20;
        FloatVector c30 = FloatVector.zero(SPECIES);
        FloatVector c31 = c30;
        FloatVector c40 = FloatVector.zero(SPECIES);
        FloatVector c41 = c40;
        FloatVector c50 = FloatVector.zero(SPECIES);
        FloatVector c51 = c50;
        FloatVector c60 = FloatVector.zero(SPECIES);
        FloatVector c61 = c60;
        FloatVector c70 = FloatVector.zero(SPECIES);
        FloatVector c71 = c70;
        for (int k = 0, at = aOffset; k < depth; k++, at += aColumn) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset + k * 2 * LANES);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + k * 2 * LANES + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[at]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(SPECIES, a[at + aRow]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(SPECIES, a[at + 2 * aRow]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(SPECIES, a[at + 3 * aRow]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            x = FloatVector.broadcast(SPECIES, a[at + 4 * aRow]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            x = FloatVector.broadcast(SPECIES, a[at + 5 * aRow]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            x = FloatVector.broadcast(SPECIES, a[at + 6 * aRow]);
            c60 = x.fma(b0, c60);
            c61 = x.fma(b1, c61);
            x = FloatVector.broadcast(SPECIES, a[at + 7 * aRow]);
            c70 = x.fma(b0, c70);
            c71 = x.fma(b1, c71);
        }
        c00.add(FloatVector.fromArray(SPECIES, c, cOffset)).intoArray(c, cOffset);
        c01.add(FloatVector.fromArray(SPECIES, c, cOffset + LANES)).intoArray(c, cOffset + LANES);
        c10.add(FloatVector.fromArray(SPECIES, c, cOffset + cRow)).intoArray(c, cOffset + cRow);
        c11.add(FloatVector.fromArray(SPECIES, c, cOffset + cRow + LANES)).intoArray(c, cOffset + cRow + LANES);
        c20.add(FloatVector.fromArray(SPECIES, c, cOffset + 2 * cRow)).intoArray(c, cOffset + 2 * cRow);
        c21.add(FloatVector.fromArray(SPECIES, c, cOffset + 2 * cRow + LANES)).intoArray(c, cOffset + 2 * cRow + LANES);
        c30.add(FloatVector.fromArray(SPECIES, c, cOffset + 3 * cRow)).intoArray(c, cOffset + 3 * cRow);
        c31.add(FloatVector.fromArray(SPECIES, c, cOffset + 3 * cRow + LANES)).intoArray(c, cOffset + 3 * cRow + LANES);
        c40.add(FloatVector.fromArray(SPECIES, c, cOffset + 4 * cRow)).intoArray(c, cOffset + 4 * cRow);
        c41.add(FloatVector.fromArray(SPECIES, c, cOffset + 4 * cRow + LANES)).intoArray(c, cOffset + 4 * cRow + LANES);
        c50.add(FloatVector.fromArray(SPECIES, c, cOffset + 5 * cRow)).intoArray(c, cOffset + 5 * cRow);
        c51.add(FloatVector.fromArray(SPECIES, c, cOffset + 5 * cRow + LANES)).intoArray(c, cOffset + 5 * cRow + LANES);
        c60.add(FloatVector.fromArray(SPECIES, c, cOffset + 6 * cRow)).intoArray(c, cOffset + 6 * cRow);
        c61.add(FloatVector.fromArray(SPECIES, c, cOffset + 6 * cRow + LANES)).intoArray(c, cOffset + 6 * cRow + LANES);
        c70.add(FloatVector.fromArray(SPECIES, c, cOffset + 7 * cRow)).intoArray(c, cOffset + 7 * cRow);
        c71.add(FloatVector.fromArray(SPECIES, c, cOffset + 7 * cRow + LANES)).intoArray(c, cOffset + 7 * cRow + LANES);
    }

    @Override
    float dot(float[] x, int xOffset, float[] y, int yOffset, int count) {
        float[] sums = new float[SUMS];
        int whole = count - count % SUMS;
        for (int part = 0; part < SUMS; part += LANES) {
            FloatVector sum = FloatVector.zero(SPECIES);
            for (int i = part; i < whole; i += SUMS) {
                sum = FloatVector.fromArray(SPECIES, x, xOffset + i)
                        .fma(FloatVector.fromArray(SPECIES, y, yOffset + i), sum);
            }
            sum.intoArray(sums, part);
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
        for (int part = 0; part < SUMS; part += LANES) {
            FloatVector sum = FloatVector.zero(SPECIES);
            for (int i = part; i < whole; i += SUMS) {
                sum = sum.add(FloatVector.fromArray(SPECIES, x, offset + i));
            }
            sum.intoArray(sums, part);
        }
        float sum = total(sums);
        for (int i = whole; i < count; i++) {
            sum += x[offset + i];
        }
        return sum;
    }

    @Override
    float max(float[] x, int offset, int count) {
        FloatVector largest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        int whole = SPECIES.loopBound(count);
        int i = 0;
        for (; i < whole; i += LANES) {
            largest = largest.max(FloatVector.fromArray(SPECIES, x, offset + i));
        }
        float max = largest.reduceLanes(VectorOperators.MAX);
        for (; i < count; i++) {
            max = Math.max(max, x[offset + i]);
        }
        return max;
    }

    @Override
    void addScaled(float scale, float[] x, int xOffset, float[] y, int yOffset, int count) {
        FloatVector factor = FloatVector.broadcast(SPECIES, scale);
        int whole = SPECIES.loopBound(count);
        int i = 0;
        for (; i < whole; i += LANES) {
            FloatVector.fromArray(SPECIES, x, xOffset + i)
                    .fma(factor, FloatVector.fromArray(SPECIES, y, yOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (; i < count; i++) {
            y[yOffset + i] = Math.fma(scale, x[xOffset + i], y[yOffset + i]);
        }
    }

    /** {@link Exponential#of}, step for step. */
    @Override
    void exp(float[] x, int offset, int count, float shift) {
        FloatVector rounding = FloatVector.broadcast(SPECIES, Exponential.ROUNDING);
        int whole = SPECIES.loopBound(count);
        int i = 0;
        for (; i < whole; i += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, offset + i)
                    .add(shift)
                    .max(Exponential.LEAST)
                    .min(Exponential.MOST);
            FloatVector rounded = v.fma(FloatVector.broadcast(SPECIES, Exponential.LOG2_E), rounding);
            FloatVector twos = rounded.sub(rounding);
            FloatVector r = twos.fma(FloatVector.broadcast(SPECIES, -Exponential.LN_2_HIGH), v);
            r = twos.fma(FloatVector.broadcast(SPECIES, -Exponential.LN_2_LOW), r);
            FloatVector p = FloatVector.broadcast(SPECIES, Exponential.C6);
            p = p.fma(r, FloatVector.broadcast(SPECIES, Exponential.C5));
            p = p.fma(r, FloatVector.broadcast(SPECIES, Exponential.C4));
            p = p.fma(r, FloatVector.broadcast(SPECIES, Exponential.C3));
            p = p.fma(r, FloatVector.broadcast(SPECIES, Exponential.C2));
            p = p.fma(r, FloatVector.broadcast(SPECIES, 1));
            p = p.fma(r, FloatVector.broadcast(SPECIES, 1));
            p.reinterpretAsInts()
                    .add(rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, Exponential.EXPONENT_SHIFT))
                    .reinterpretAsFloats()
                    .intoArray(x, offset + i);
        }
        for (; i < count; i++) {
            x[offset + i] = Exponential.of(x[offset + i] + shift);
        }
    }
}
