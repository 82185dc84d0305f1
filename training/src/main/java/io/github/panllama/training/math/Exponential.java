package io.github.panllama.training.math;

/**
 * The exponential function to one or two units in the last place, by operations that IEEE 754 defines to the bit.
 * {@link Math#exp} and the Vector API's own may differ from machine to machine.
 *
 * <p>{@code exp(x) = 2^n · exp(r)}, where n is a whole number and r is at most half of {@code ln 2}: a polynomial.
 */
final class Exponential {
    /** Where the result is still a normal number; what lies outside gives what its end gives. */
    static final float LEAST = -87;

    static final float MOST = 88;

    /** What rounds a number to a whole one when it is added: then the last bits of the sum are that number. */
    static final float ROUNDING = 0x1.8p23f;

    static final float LOG2_E = 0x1.715476p0f;
    /** Few enough bits that n times it is exact. */
    static final float LN_2_HIGH = 0x1.62e4p-1f;

    static final float LN_2_LOW = 0x1.7f7d1cp-20f;
    static final float C2 = 1 / 2f;
    static final float C3 = 1 / 6f;
    static final float C4 = 1 / 24f;
    static final float C5 = 1 / 120f;
    static final float C6 = 1 / 720f;
    static final int EXPONENT_SHIFT = 23;

    private Exponential() {}

    static float of(float value) {
        float x = Math.min(Math.max(value, LEAST), MOST);
        float rounded = Math.fma(x, LOG2_E, ROUNDING);
        float twos = rounded - ROUNDING;
        float r = Math.fma(twos, -LN_2_HIGH, x);
        r = Math.fma(twos, -LN_2_LOW, r);
        float p = Math.fma(C6, r, C5);
        p = Math.fma(p, r, C4);
        p = Math.fma(p, r, C3);
        p = Math.fma(p, r, C2);
        p = Math.fma(p, r, 1);
        p = Math.fma(p, r, 1);
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(rounded) << EXPONENT_SHIFT));
    }
}
