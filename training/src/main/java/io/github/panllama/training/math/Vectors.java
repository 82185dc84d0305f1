package io.github.panllama.training.math;

/** Operations on stretches of arrays. */
public final class Vectors {
    private static final Kernel KERNEL = Kernel.BEST;

    private Vectors() {}

    public static float dot(float[] x, int xOffset, float[] y, int yOffset, int count) {
        return KERNEL.dot(x, xOffset, y, yOffset, count);
    }

    /** {@code y += scale * x}. */
    public static void addScaled(float scale, float[] x, int xOffset, float[] y, int yOffset, int count) {
        KERNEL.addScaled(scale, x, xOffset, y, yOffset, count);
    }

    /** {@code x = exp(x + shift)} in place. */
    public static void exp(float[] x, int offset, int count, float shift) {
        KERNEL.exp(x, offset, count, shift);
    }

    public static float max(float[] x, int offset, int count) {
        return KERNEL.max(x, offset, count);
    }

    public static float sum(float[] x, int offset, int count) {
        return KERNEL.sum(x, offset, count);
    }

    public static void scale(float[] x, int offset, int count, float factor) {
        for (int i = offset; i < offset + count; i++) {
            x[i] *= factor;
        }
    }

    /**
     * Makes weights of a stretch that add up to one.
     *
     * @return the logarithm of the sum of the exponentials that they had
     */
    public static double softmax(float[] x, int offset, int count) {
        float max = max(x, offset, count);
        exp(x, offset, count, -max);
        float sum = sum(x, offset, count);
        scale(x, offset, count, 1 / sum);
        return max + StrictMath.log(sum);
    }
}
