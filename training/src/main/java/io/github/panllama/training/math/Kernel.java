package io.github.panllama.training.math;

import java.lang.reflect.InvocationTargetException;

/**
 * The innermost loops: in the Vector API where the JVM has that module, else in plain Java.
 *
 * <p>All kernels give the same bits: a sum over a stretch has {@link #SUMS} running sums, which are added in one order, and a
 * multiplication with an addition rounds once. So a training gives the same model on every machine, and before the JIT
 * compiler has compiled these loops as afterwards.
 */
abstract class Kernel {
    /** How many running sums a sum over a stretch has: element i goes to the one with index i modulo this. */
    static final int SUMS = 16;

    /** Rows of a tile of a product. */
    static final int TILE_ROWS = 8;

    /** The one of this machine. */
    static final Kernel BEST = best();

    /** Columns of a tile of a product. */
    abstract int tileColumns();

    /**
     * A tile of a product: {@code c += a · b}.
     *
     * @param depth columns of a and rows of b
     * @param a where element (i, k) is at {@code aOffset + i * aRow + k * aColumn}
     * @param b packed: {@code tileColumns()} values of each row
     */
    abstract void tile(
            int depth,
            float[] a,
            int aOffset,
            int aRow,
            int aColumn,
            float[] b,
            int bOffset,
            float[] c,
            int cOffset,
            int cRow);

    abstract float dot(float[] x, int xOffset, float[] y, int yOffset, int count);

    abstract float sum(float[] x, int offset, int count);

    abstract float max(float[] x, int offset, int count);

    /** {@code y += scale * x}. */
    abstract void addScaled(float scale, float[] x, int xOffset, float[] y, int yOffset, int count);

    /** {@code x = exp(x + shift)} in place. */
    abstract void exp(float[] x, int offset, int count, float shift);

    /** The sum of the running sums, in the one order; they are overwritten. */
    static float total(float[] sums) {
        for (int half = SUMS / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                sums[i] += sums[i + half];
            }
        }
        return sums[0];
    }

    private static Kernel best() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return new ScalarKernel();
        }
        try {
            // By name: where the module is missing, this class cannot even be linked.
            return Class.forName(Kernel.class.getPackageName() + ".VectorKernel")
                    .asSubclass(Kernel.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ClassNotFoundException
                | NoSuchMethodException
                | InstantiationException
                | IllegalAccessException
                | InvocationTargetException e) {
            throw new LinkageError("The Vector API is here and its kernel does not start", e);
        }
    }
}
