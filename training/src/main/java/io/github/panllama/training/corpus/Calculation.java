package io.github.panllama.training.corpus;

import java.util.SplittableRandom;

/**
 * A calculation with two operands.
 *
 * @param operator one of {@code + - * /}; divisions are exact
 * @param left 0 to 999, or a dividend
 * @param right 0 to 999
 */
record Calculation(char operator, int left, int right) {
    private static final double NEGATIVE_SHARE = 0.25; // of the half that would be negative

    /** An addition or subtraction of operands with one to three digits. */
    static Calculation sum(SplittableRandom random) {
        int left = Numbers.upToDigits(random, 3);
        int right = Numbers.upToDigits(random, 3);
        if (random.nextBoolean()) {
            return new Calculation('+', left, right);
        }
        boolean swap = left < right && random.nextDouble() >= NEGATIVE_SHARE;
        return swap ? new Calculation('-', right, left) : new Calculation('-', left, right);
    }

    /** A multiplication or an exact division. */
    static Calculation product(SplittableRandom random) {
        int right = Numbers.upToDigits(random, 3);
        if (random.nextInt(5) > 0) {
            return new Calculation('*', Numbers.upToDigits(random, 3), right);
        }
        int divisor = random.nextInt(2, 100);
        return new Calculation('/', divisor * right, divisor);
    }

    int result() {
        return switch (operator) {
            case '+' -> left + right;
            case '-' -> left - right;
            case '*' -> left * right;
            case '/' -> left / right;
            default -> throw new IllegalStateException("operator " + operator);
        };
    }

    String expression() {
        return left + " " + operator + ' ' + right;
    }

    String equation() {
        return expression() + " = " + result();
    }

    /** Both orders of the operands are one instance. */
    String key() {
        return operator + " " + Math.min(left, right) + ' ' + Math.max(left, right);
    }
}
