package io.github.panllama.synthetic;

import io.github.panllama.gguf.GgmlType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Makes a block of a quantised type out of random bytes: all bits of a block may be random but for its scales. Where a
 * block has a minimum, that is put such that its numbers lie around 0.
 */
interface BlockFormat {
    /** Half-precision numbers, little-endian. */
    VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    /** 32 bits, little-endian. */
    VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /** 64 bits, little-endian. */
    VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Repairs the block at an index. */
    void repair(byte[] bytes, int at);

    /** The format of a type whose numbers are to have a deviation, or {@code null} if there is none here. */
    static @Nullable BlockFormat of(GgmlType type, float deviation) {
        return switch (type) {
            case Q4_0 -> new Scaled(0, deviation / signed(16));
            case Q5_0 -> new Scaled(0, deviation / signed(32));
            case Q8_0 -> new Scaled(0, deviation / signed(256));
            case Q4_1 -> new Shifted(deviation / around(16), 16);
            case Q5_1 -> new Shifted(deviation / around(32), 32);
            case Q2_K -> new TwoBits(deviation / (unsigned(16) * around(4)));
            case Q3_K -> new Scaled(108, deviation / (signed(64) * signed(8)));
            case Q4_K -> new Paired(deviation / (unsigned(64) * around(16)), 16);
            case Q5_K -> new Paired(deviation / (unsigned(64) * around(32)), 32);
            case Q6_K -> new Scaled(208, deviation / (signed(256) * signed(64)));
            case IQ4_NL -> new Scaled(0, deviation / Curve.DEVIATION);
            case IQ4_XS -> new Scaled(0, deviation / (signed(64) * Curve.DEVIATION));
            case MXFP4 -> new Exponent(deviation / Exponent.DEVIATION);
            default -> null;
        };
    }

    /** The size, as a root of the mean square, of numbers from 0 to {@code count} - 1. */
    private static float unsigned(int count) {
        return (float) Math.sqrt((count - 1.0) * (2.0 * count - 1) / 6);
    }

    /** The size of numbers from -{@code count} / 2 to {@code count} / 2 - 1. */
    private static float signed(int count) {
        return (float) Math.sqrt(((double) count * count - 1) / 12 + 0.25);
    }

    /** The size of numbers from 0 to {@code count} - 1, less their mean. */
    private static float around(int count) {
        return (float) Math.sqrt(((double) count * count - 1) / 12);
    }

    /** What times a number of 0 to {@code count} - 1 has to be taken away for a mean of 0. */
    private static float middle(int count) {
        return (count - 1) / 2f;
    }

    /** One scale. Its sign stays random, because the numbers that it multiplies reach farther below 0 than above. */
    record Scaled(int offset, short scale) implements BlockFormat {
        private static final int SIGN = 0x8000;

        Scaled(int offset, float scale) {
            this(offset, Float.floatToFloat16(scale));
        }

        @Override
        public void repair(byte[] bytes, int at) {
            int sign = (short) SHORTS.get(bytes, at + offset) & SIGN;
            SHORTS.set(bytes, at + offset, (short) (scale | sign));
        }
    }

    /** A scale and a minimum that is added. */
    record Shifted(short scale, short minimum) implements BlockFormat {
        Shifted(float scale, int count) {
            this(Float.floatToFloat16(scale), Float.floatToFloat16(-scale * middle(count)));
        }

        @Override
        public void repair(byte[] bytes, int at) {
            SHORTS.set(bytes, at, scale);
            SHORTS.set(bytes, at + Short.BYTES, minimum);
        }
    }

    /** Sixteen scales and minima of 4 bits, then the numbers, then the scale of each. */
    record TwoBits(short scale, short minimum) implements BlockFormat {
        private static final long LOW = 0x0F0F_0F0F_0F0F_0F0FL;
        private static final int SCALE = 80;

        TwoBits(float scale) {
            this(Float.floatToFloat16(scale), Float.floatToFloat16(scale * middle(4)));
        }

        @Override
        public void repair(byte[] bytes, int at) {
            for (int i = at; i < at + 2 * Long.BYTES; i += Long.BYTES) {
                long low = (long) LONGS.get(bytes, i) & LOW;
                LONGS.set(bytes, i, low | low << 4);
            }
            SHORTS.set(bytes, at + SCALE, scale);
            SHORTS.set(bytes, at + SCALE + Short.BYTES, minimum);
        }
    }

    /**
     * The scale of scales and that of minima, then eight of each, of 6 bits: the first four scales in four bytes and the
     * minima in the next, whose upper bits belong to the others; of these, the low bits share four bytes.
     */
    record Paired(short scale, short minimum) implements BlockFormat {
        private static final int LOW = 0x0F0F_0F0F;

        Paired(float scale, int count) {
            this(Float.floatToFloat16(scale), Float.floatToFloat16(scale * middle(count)));
        }

        @Override
        public void repair(byte[] bytes, int at) {
            SHORTS.set(bytes, at, scale);
            SHORTS.set(bytes, at + 2, minimum);
            INTS.set(bytes, at + 8, (int) INTS.get(bytes, at + 4));
            int low = (int) INTS.get(bytes, at + 12) & LOW;
            INTS.set(bytes, at + 12, low | low << 4);
        }
    }

    /** A power of two in one byte. */
    record Exponent(byte exponent) implements BlockFormat {
        /** Of 0, 1, 2, 3, 4, 6, 8 and 12, with either sign. */
        private static final float DEVIATION = (float) Math.sqrt(274 / 8.0);

        private static final int BIAS = 128;

        Exponent(float scale) {
            this((byte) (BIAS + Math.round(Math.log(scale) / Math.log(2))));
        }

        @Override
        public void repair(byte[] bytes, int at) {
            bytes[at] = exponent;
        }
    }

    /** The sixteen numbers that 4 bits stand for in the types on a curve. */
    final class Curve {
        private static final int[] NUMBERS = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

        private static final float DEVIATION = deviation();

        private Curve() {}

        private static float deviation() {
            double squares = 0;
            for (int number : NUMBERS) {
                squares += number * number;
            }
            return (float) Math.sqrt(squares / NUMBERS.length);
        }
    }
}
