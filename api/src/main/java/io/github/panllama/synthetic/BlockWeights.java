package io.github.panllama.synthetic;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufWriter;
import java.util.Arrays;
import java.util.function.LongPredicate;

/** Weights as random bytes of the types of a recipe: fast, for models of any size. Vectors are as in small models. */
final class BlockWeights implements Weights {
    private final GgufWriter writer;
    private final MixedTypes types;
    private final long seed;
    private final WriteProgress progress;
    private final RowWeights vectors;
    private long elements;

    BlockWeights(GgufWriter writer, MixedTypes types, long seed, WriteProgress progress) {
        this.writer = writer;
        this.types = types;
        this.seed = seed;
        this.progress = progress;
        this.vectors = new RowWeights(writer, seed, GgmlType.F32);
    }

    /** How many numbers were added. */
    long elements() {
        return elements;
    }

    @Override
    public Weights matrix(String name, float gain, long... shape) {
        return add(name, gain / (float) Math.sqrt((double) shape[0]), shape);
    }

    @Override
    public Weights tokens(String name, float spread, LongPredicate quiet, long... shape) {
        return add(name, spread, shape);
    }

    @Override
    public Weights vector(String name, float low, float high, long... shape) {
        count(shape);
        vectors.vector(name, low, high, shape);
        return this;
    }

    @Override
    public Weights constant(String name, float value, long... shape) {
        count(shape);
        vectors.constant(name, value, shape);
        return this;
    }

    /** Adds one row of given numbers, in F32. */
    void row(String name, float... numbers) {
        elements += numbers.length;
        writer.tensor(
                name, GgmlType.F32, (_, row) -> System.arraycopy(numbers, 0, row, 0, numbers.length), numbers.length);
    }

    private Weights add(String name, float deviation, long... shape) {
        GgmlType type = types.of(name, shape);
        writer.tensor(
                name, type, new RandomBytes(type, count(shape), deviation, SplitMix.seed(seed, name), progress), shape);
        return this;
    }

    private long count(long... shape) {
        long count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        elements += count;
        return count;
    }
}
