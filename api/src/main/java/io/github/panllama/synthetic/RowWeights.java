package io.github.panllama.synthetic;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.gguf.TensorSource;
import java.util.Arrays;
import java.util.function.LongPredicate;

/**
 * Weights as rows of random numbers that are encoded: exact, for small models.
 *
 * <p>A number depends on the seed, its tensor's name and its place alone, so that tensors may be added in any order and
 * streamed row by row.
 */
final class RowWeights implements Weights {
    private static final float SQRT_3 = (float) Math.sqrt(3);

    private final GgufWriter writer;
    private final long seed;
    private final GgmlType type;

    RowWeights(GgufWriter writer, long seed, GgmlType type) {
        this.writer = writer;
        this.seed = seed;
        this.type = type;
    }

    /** Rows that the weight type cannot hold are kept in F32. */
    @Override
    public Weights matrix(String name, float gain, long... shape) {
        GgmlType fitting = shape[0] % type.blockSize() == 0 ? type : GgmlType.F32;
        float spread = gain / (float) Math.sqrt((double) shape[0]);
        return add(name, fitting, uniform(name, -spread * SQRT_3, spread * SQRT_3), shape);
    }

    @Override
    public Weights tokens(String name, float spread, LongPredicate quiet, long... shape) {
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

    @Override
    public Weights vector(String name, float low, float high, long... shape) {
        return add(name, GgmlType.F32, uniform(name, low, high), shape);
    }

    @Override
    public Weights constant(String name, float value, long... shape) {
        return add(name, GgmlType.F32, (index, row) -> Arrays.fill(row, value), shape);
    }

    private Weights add(String name, GgmlType storedAs, TensorSource.Rows rows, long... shape) {
        writer.tensor(name, storedAs, rows, shape);
        return this;
    }

    private TensorSource.Rows uniform(String name, float low, float high) {
        long tensorSeed = SplitMix.seed(seed, name);
        float step = (high - low) * 0x1p-24f;
        return (index, row) -> {
            long state = SplitMix.mix(tensorSeed + index);
            for (int i = 0; i < row.length; i++) {
                state += SplitMix.STEP;
                row[i] = low + (SplitMix.mix(state) >>> 40) * step;
            }
        };
    }
}
