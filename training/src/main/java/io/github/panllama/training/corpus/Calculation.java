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
    private static final int NEAR = 120;

    /** An addition or subtraction of operands with one to three digits. */
    static Calculation sum(SplittableRandom random) {
        return sum(random, Numbers.upToDigits(random, 3), Numbers.upToDigits(random, 3));
    }

    /** One of those that are hardest at once: mostly of three digits, and half of the subtractions with a small result. */
    static Calculation hardSum(SplittableRandom random) {
        int left = Numbers.withDigits(random, random.nextInt(5) < 4 ? 3 : 2);
        int near = Math.clamp(left + random.nextInt(-NEAR, NEAR), 0, 999);
        return sum(
                random,
                left,
                random.nextInt(3) == 0 ? near : Numbers.withDigits(random, random.nextInt(5) < 3 ? 3 : 2));
    }

    private static Calculation sum(SplittableRandom random, int left, int right) {
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
