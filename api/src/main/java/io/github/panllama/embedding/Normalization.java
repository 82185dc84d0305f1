package io.github.panllama.embedding;

/**
 * How the numbers of an embedding are scaled, by the codes of llama.cpp's {@code --embd-normalize}.
 *
 * @param code −1 leaves them as they are, 0 makes the largest absolute value {@value #INT16_RANGE}, 1 makes the sum of
 *     the absolute values 1, 2 makes the Euclidean length 1, and a p above makes the p-norm 1
 */
public record Normalization(int code) {
    /** The largest p of a p-norm. */
    public static final int MAX_P = 64;

    /** The numbers as the model gives them. */
    public static final Normalization NONE = new Normalization(-1);

    /** The largest absolute value is that of a 16-bit number. */
    public static final Normalization MAX_ABSOLUTE = new Normalization(0);

    /** The absolute values add up to 1 (taxicab norm). */
    public static final Normalization TAXICAB = new Normalization(1);

    /** The vector has length 1 (L2 norm), so that the dot product of two is the cosine of their angle. */
    public static final Normalization EUCLIDEAN = new Normalization(2);

    private static final int INT16_RANGE = 32_760;

    /** Checks the code. */
    public Normalization {
        if (code < -1 || code > MAX_P) {
            throw new IllegalArgumentException("code is %d, must be in [-1, %d]".formatted(code, MAX_P));
        }
    }

    /** The scaled copy of a vector; one of zeros stays as it is. ({@code common_embd_normalize}) */
    public float[] apply(float[] vector) {
        float[] result = vector.clone();
        if (code == -1) {
            return result;
        }
        double size = switch (code) {
            case 0 -> largest(vector) / INT16_RANGE;
            case 2 -> euclidean(vector);
            default -> pNorm(vector);
        };
        float factor = size > 0 ? (float) (1 / size) : 0;
        for (int i = 0; i < result.length; i++) {
            result[i] *= factor;
        }
        return result;
    }

    private static double largest(float[] vector) {
        double largest = 0;
        for (float value : vector) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    /** The squares are rounded to floats, as in C. */
    private static double euclidean(float[] vector) {
        double sum = 0;
        for (float value : vector) {
            float square = value * value;
            sum += square;
        }
        return Math.sqrt(sum);
    }

    /** Divides by the largest value first, whose powers could be infinite. */
    private double pNorm(float[] vector) {
        double largest = largest(vector);
        if (largest == 0) {
            return 0;
        }
        double sum = 0;
        for (float value : vector) {
            sum += Math.pow(Math.abs(value) / largest, code);
        }
        return largest * Math.pow(sum, 1.0 / code);
    }
}
