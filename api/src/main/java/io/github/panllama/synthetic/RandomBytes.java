package io.github.panllama.synthetic;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.TensorSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * The stored bytes of a tensor of random numbers around 0, made a piece at a time and faster than a disk takes them. The
 * same seed gives the same bytes, each time they are written.
 */
final class RandomBytes implements TensorSource {
    private static final int PIECE = 1 << 20;

    /** How many different numbers there are of a type without blocks; a power of two. */
    private static final int NUMBERS = 1 << 12;

    private static final float SQRT_3 = (float) Math.sqrt(3);

    private final GgmlType type;
    private final long blocks;
    private final long seed;
    private final @Nullable BlockFormat format;
    private final long[] numbers;
    private final WriteProgress progress;

    /**
     * Prepares a tensor.
     *
     * @param type a type that is {@link #supports supported}
     * @param elements how many numbers, a whole count of its blocks
     * @param deviation their size
     */
    RandomBytes(GgmlType type, long elements, float deviation, long seed, WriteProgress progress) {
        this.type = type;
        this.blocks = elements / type.blockSize();
        this.seed = seed;
        this.format = BlockFormat.of(type, deviation);
        this.numbers = format == null ? numbers(type, deviation) : new long[0];
        this.progress = progress;
    }

    /** Whether there are random bytes of a type. */
    static boolean supports(GgmlType type) {
        return switch (type) {
            case F32, F16, BF16 -> true;
            default -> BlockFormat.of(type, 1) != null;
        };
    }

    @Override
    public void writeTo(WritableByteChannel out) throws IOException {
        int perPiece = (PIECE / type.typeSize()) & -Long.BYTES;
        byte[] piece = new byte[perPiece * type.typeSize() + Long.BYTES];
        long state = seed;
        for (long done = 0; done < blocks; done += perPiece) {
            int count = (int) Math.min(perPiece, blocks - done);
            int bytes = count * type.typeSize();
            state = fill(piece, bytes, state);
            if (format != null) {
                for (int i = 0; i < bytes; i += type.typeSize()) {
                    format.repair(piece, i);
                }
            }
            ByteBuffer buffer = ByteBuffer.wrap(piece, 0, bytes);
            while (buffer.hasRemaining()) {
                out.write(buffer);
            }
            progress.add(bytes);
        }
    }

    /** Fills whole groups of eight bytes, and answers the next state. */
    private long fill(byte[] piece, int bytes, long seed) {
        long state = seed;
        for (int i = 0; i < bytes; i += Long.BYTES) {
            state += SplitMix.STEP;
            long bits = SplitMix.mix(state);
            BlockFormat.LONGS.set(piece, i, format != null ? bits : type == GgmlType.F32 ? two(bits) : four(bits));
        }
        return state;
    }

    private long two(long bits) {
        return number(bits) | number(bits >>> 32) << 32;
    }

    private long four(long bits) {
        return number(bits) | number(bits >>> 16) << 16 | number(bits >>> 32) << 32 | number(bits >>> 48) << 48;
    }

    private long number(long bits) {
        return numbers[(int) bits & (NUMBERS - 1)];
    }

    /** The bits of numbers that lie evenly between two bounds. */
    private static long[] numbers(GgmlType type, float deviation) {
        long[] result = new long[NUMBERS];
        for (int i = 0; i < NUMBERS; i++) {
            float value = deviation * SQRT_3 * (2 * (i + 0.5f) / NUMBERS - 1);
            result[i] = switch (type) {
                case F32 -> Integer.toUnsignedLong(Float.floatToIntBits(value));
                case F16 -> Short.toUnsignedLong(Float.floatToFloat16(value));
                case BF16 -> Float.floatToIntBits(value) >>> 16;
                default -> throw new IllegalArgumentException("no random numbers of type " + type.ggmlName());
            };
        }
        return result;
    }
}
