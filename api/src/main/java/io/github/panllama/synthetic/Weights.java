package io.github.panllama.synthetic;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.gguf.TensorSource;
import java.util.Arrays;
import java.util.function.LongPredicate;

/**
 * Adds tensors of random numbers to a file.
 *
 * <p>A number depends on the seed, its tensor's name and its place alone, so that tensors may be added in any order and
 * streamed row by row. Sizes are chosen by who multiplies with them: a matrix keeps the size of what it is given.
 */
final class Weights {
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;
    private static final float SQRT_3 = (float) Math.sqrt(3);

    private final GgufWriter writer;
    private final long seed;
    private final GgmlType type;

    Weights(GgufWriter writer, long seed, GgmlType type) {
        this.writer = writer;
        this.seed = seed;
        this.type = type;
    }

    /**
     * A matrix (or a stack of them) whose product with numbers of size 1 has size {@code gain}. Rows that the weight
     * type cannot hold are kept in F32.
     */
    Weights matrix(String name, float gain, long... shape) {
        GgmlType fitting = shape[0] % type.blockSize() == 0 ? type : GgmlType.F32;
        float spread = gain / (float) Math.sqrt((double) shape[0]);
        return add(name, fitting, uniform(name, -spread * SQRT_3, spread * SQRT_3), shape);
    }

    /** A matrix of token rows, each number of size {@code spread}; rows of the tokens given are a tenth of that. */
    Weights tokens(String name, float spread, LongPredicate quiet, long... shape) {
        TensorSource.Rows loud = uniform(name, -spread * SQRT_3, spread * SQRT_3);
        GgmlType fitting = shape[0] % type.blockSize() == 0 ? type : GgmlType.F32;
        TensorSource.Rows rows = (index, row) -> {
            loud.fill(index, row);
            if (quiet.test(index)) {
                for (int i = 0; i < row.length; i++) {
                    row[i] *= 0.1f;
                }
            }
        };
        return add(name, fitting, rows, shape);
    }

    /** Numbers around 1, in F32. */
    Weights norm(String name, long... shape) {
        return vector(name, 0.8f, 1.2f, shape);
    }

    /** Numbers between two bounds, in F32. */
    Weights vector(String name, float low, float high, long... shape) {
        return add(name, GgmlType.F32, uniform(name, low, high), shape);
    }

    /** One number all over, in F32. */
    Weights constant(String name, float value, long... shape) {
        return add(name, GgmlType.F32, (index, row) -> Arrays.fill(row, value), shape);
    }

    private Weights add(String name, GgmlType storedAs, TensorSource.Rows rows, long... shape) {
        writer.tensor(name, storedAs, rows, shape);
        return this;
    }

    private TensorSource.Rows uniform(String name, float low, float high) {
        long tensorSeed = mix(seed ^ hash(name));
        float step = (high - low) * 0x1p-24f;
        return (index, row) -> {
            long state = mix(tensorSeed + index);
            for (int i = 0; i < row.length; i++) {
                state += GOLDEN;
                row[i] = low + (mix(state) >>> 40) * step;
            }
        };
    }

    /** The finaliser of SplitMix64. */
    private static long mix(long z) {
        z = (z ^ z >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ z >>> 27) * 0x94D0_49BB_1331_11EBL;
        return z ^ z >>> 31;
    }

    /** FNV-1a over the characters. */
    private static long hash(String name) {
        long hash = 0xCBF2_9CE4_8422_2325L;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100_0000_01B3L;
        }
        return hash;
    }
}
