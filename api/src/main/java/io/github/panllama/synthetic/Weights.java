package io.github.panllama.synthetic;

import java.util.function.LongPredicate;

/**
 * Adds tensors of random numbers to a file. Sizes are chosen by who multiplies with them: a matrix keeps the size of
 * what it is given.
 */
interface Weights {
    /** A matrix (or a stack of them) whose product with numbers of size 1 has size {@code gain}. */
    Weights matrix(String name, float gain, long... shape);

    /** A matrix of token rows, each number of size {@code spread}; rows of the tokens given may be smaller. */
    Weights tokens(String name, float spread, LongPredicate quiet, long... shape);

    /** Numbers between two bounds, in F32. */
    Weights vector(String name, float low, float high, long... shape);

    /** One number all over, in F32. */
    Weights constant(String name, float value, long... shape);

    /** Numbers around 1, in F32. */
    default Weights norm(String name, long... shape) {
        return vector(name, 0.8f, 1.2f, shape);
    }
}
