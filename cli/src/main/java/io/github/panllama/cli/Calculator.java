package io.github.panllama.cli;

import java.math.BigDecimal;
import java.math.MathContext;

/** Works out expressions of {@code + - * /}, brackets and numbers. */
final class Calculator {
    private static final int MAX_LENGTH = 1000;

    private final String text;
    private int at;
    private int depth;

    private Calculator(String text) {
        this.text = text;
    }

    /**
     * The value, in decimal.
     *
     * @throws IllegalArgumentException if it is no such expression
     * @throws ArithmeticException if it divides by zero
     */
    static String evaluate(String expression) {
        if (expression.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("the expression is too long");
        }
        Calculator calculator = new Calculator(expression);
        BigDecimal value = calculator.sum();
        if (calculator.peek() != '\0') {
            throw calculator.unexpected();
        }
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
    }

    private BigDecimal sum() {
        BigDecimal value = product();
        while (true) {
            if (skip('+')) {
                value = value.add(product());
            } else if (skip('-')) {
                value = value.subtract(product());
            } else {
                return value;
            }
        }
    }

    private BigDecimal product() {
        BigDecimal value = factor();
        while (true) {
            if (skip('*')) {
                value = value.multiply(factor());
            } else if (skip('/')) {
                value = value.divide(factor(), MathContext.DECIMAL64);
            } else {
                return value;
            }
        }
    }

    private BigDecimal factor() {
        if (++depth > 100) {
            throw new IllegalArgumentException("the expression nests too deep");
        }
        BigDecimal value;
        if (skip('-')) {
            value = factor().negate();
        } else if (skip('(')) {
            value = sum();
            if (!skip(')')) {
                throw unexpected();
            }
        } else {
            value = number();
        }
        depth--;
        return value;
    }

    private BigDecimal number() {
        peek();
        int start = at;
        while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
            at++;
        }
        try {
            return new BigDecimal(text.substring(start, at));
        } catch (NumberFormatException e) {
            throw unexpected();
        }
    }

    private boolean skip(char c) {
        if (peek() != c) {
            return false;
        }
        at++;
        return true;
    }

    private char peek() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private IllegalArgumentException unexpected() {
        return new IllegalArgumentException("'%s' is no expression of + - * / ( ) and numbers".formatted(text));
    }
}
