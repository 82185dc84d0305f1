package io.github.panllama.gguf;

import java.nio.ByteBuffer;

/** Turns rows of floats into the stored form of a type, and back. Buffers are little-endian. */
interface RowCodec {
    /** Appends a row to the buffer. */
    void encode(float[] row, ByteBuffer out);

    /** Reads as many numbers as the array holds. */
    void decode(ByteBuffer in, float[] row);

    /** The codec of a type. */
    static RowCodec of(GgmlType type) {
        return switch (type) {
            case F32 -> new F32();
            case F16 -> new F16();
            case BF16 -> new BF16();
            case Q8_0 -> new Q80();
            case Q4_0 -> new Q40();
            default -> throw new IllegalArgumentException("no encoder for " + type.ggmlName());
        };
    }

    /** Whether there is a codec for a type. */
    static boolean supports(GgmlType type) {
        return switch (type) {
            case F32, F16, BF16, Q8_0, Q4_0 -> true;
            default -> false;
        };
    }

    /** 32-bit floats as they are. */
    final class F32 implements RowCodec {
        @Override
        public void encode(float[] row, ByteBuffer out) {
            out.asFloatBuffer().put(row);
            out.position(out.position() + row.length * Float.BYTES);
        }

        @Override
        public void decode(ByteBuffer in, float[] row) {
            in.asFloatBuffer().get(row);
        }
    }

    /** IEEE half precision. */
    final class F16 implements RowCodec {
        @Override
        public void encode(float[] row, ByteBuffer out) {
            for (float value : row) {
                out.putShort(Float.floatToFloat16(value));
            }
        }

        @Override
        public void decode(ByteBuffer in, float[] row) {
            for (int i = 0; i < row.length; i++) {
                row[i] = Float.float16ToFloat(in.getShort());
            }
        }
    }

    /** The upper half of a float, rounded to nearest, ties to even. */
    final class BF16 implements RowCodec {
        @Override
        public void encode(float[] row, ByteBuffer out) {
            for (float value : row) {
                int bits = Float.floatToIntBits(value);
                boolean nan = Float.isNaN(value);
                int rounded = nan ? bits | 0x40_0000 : bits + 0x7FFF + (bits >>> 16 & 1);
                out.putShort((short) (rounded >>> 16));
            }
        }

        @Override
        public void decode(ByteBuffer in, float[] row) {
            for (int i = 0; i < row.length; i++) {
                row[i] = Float.intBitsToFloat(in.getShort() << 16);
            }
        }
    }

    /** Blocks of 32: a half-precision scale, then signed bytes. */
    final class Q80 implements RowCodec {
        private static final int BLOCK = 32;

        @Override
        public void encode(float[] row, ByteBuffer out) {
            for (int from = 0; from < row.length; from += BLOCK) {
                float largest = 0;
                for (int i = from; i < from + BLOCK; i++) {
                    largest = Math.max(largest, Math.abs(row[i]));
                }
                float scale = largest / 127;
                float inverse = scale == 0 ? 0 : 1 / scale;
                out.putShort(Float.floatToFloat16(scale));
                for (int i = from; i < from + BLOCK; i++) {
                    float scaled = row[i] * inverse;
                    out.put((byte) (scaled + Math.copySign(0.5f, scaled))); // half away from zero, like roundf
                }
            }
        }

        @Override
        public void decode(ByteBuffer in, float[] row) {
            for (int from = 0; from < row.length; from += BLOCK) {
                float scale = Float.float16ToFloat(in.getShort());
                for (int i = from; i < from + BLOCK; i++) {
                    row[i] = in.get() * scale;
                }
            }
        }
    }

    /** Blocks of 32: a half-precision scale, then 4-bit numbers around 8, the first half in the low bits. */
    final class Q40 implements RowCodec {
        private static final int BLOCK = 32;
        private static final int HALF = BLOCK / 2;

        @Override
        public void encode(float[] row, ByteBuffer out) {
            for (int from = 0; from < row.length; from += BLOCK) {
                float extreme = 0; // keeps its sign: the extreme number becomes exactly -8
                for (int i = from; i < from + BLOCK; i++) {
                    extreme = Math.abs(row[i]) > Math.abs(extreme) ? row[i] : extreme;
                }
                float scale = extreme / -8;
                float inverse = scale == 0 ? 0 : 1 / scale;
                out.putShort(Float.floatToFloat16(scale));
                for (int i = from; i < from + HALF; i++) {
                    out.put((byte) (nibble(row[i] * inverse) | nibble(row[i + HALF] * inverse) << 4));
                }
            }
        }

        private static int nibble(float scaled) {
            return Math.clamp((long) (scaled + 8.5f), 0, 15);
        }

        @Override
        public void decode(ByteBuffer in, float[] row) {
            for (int from = 0; from < row.length; from += BLOCK) {
                float scale = Float.float16ToFloat(in.getShort());
                for (int i = from; i < from + HALF; i++) {
                    int both = in.get();
                    row[i] = ((both & 15) - 8) * scale;
                    row[i + HALF] = ((both >> 4 & 15) - 8) * scale;
                }
            }
        }
    }
}
