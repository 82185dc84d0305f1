package io.github.panllama.training.math;

import java.lang.reflect.InvocationTargetException;

/** The innermost loops: in the Vector API where the JVM has that module, else in plain Java. */
abstract class Kernel {
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

    /** {@code y += scale * x}. */
    abstract void addScaled(float scale, float[] x, int xOffset, float[] y, int yOffset, int count);

    /** {@code x = exp(x + shift)} in place. */
    abstract void exp(float[] x, int offset, int count, float shift);

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
