package io.github.panllama.training.corpus;

/**
 * How an addition or subtraction is worked out: the operands below each other in three digits, then column by column. Every
 * step has the digits that it needs beside it.
 */
final class Columns {
    private static final String[] NAMES = {"ones", "tens", "hundreds"};

    private Columns() {}

    /** The steps, such as {@code 047+085: ones 7+5=12 carry 1, tens 4+8+1=13 carry 1, hundreds 0+0+1=1}. */
    static String of(Calculation calculation) {
        char operator = calculation.operator();
        int upper = calculation.left();
        int lower = calculation.right();
        var text = new StringBuilder(aligned(upper)).append(operator).append(aligned(lower));
        if (operator == '-' && upper < lower) {
            text.append(": smaller minus larger, so swap ")
                    .append(aligned(lower))
                    .append('-')
                    .append(aligned(upper));
            upper = calculation.right();
            lower = calculation.left();
        }
        boolean carry = false;
        for (int column = 0; column < NAMES.length; column++) {
            text.append(column == 0 ? ": " : ", ").append(NAMES[column]).append(' ');
            text.append(upper % 10).append(operator).append(lower % 10);
            carry = operator == '+'
                    ? add(text, upper % 10, lower % 10, carry, column == NAMES.length - 1)
                    : subtract(text, upper % 10, lower % 10, carry);
            upper /= 10;
            lower /= 10;
        }
        return text.toString();
    }

    private static boolean add(StringBuilder text, int upper, int lower, boolean carry, boolean last) {
        int sum = upper + lower + (carry ? 1 : 0);
        text.append(carry ? "+1=" : "=").append(sum);
        if (sum > 9 && !last) {
            text.append(" carry 1");
        }
        return sum > 9;
    }

    private static boolean subtract(StringBuilder text, int upper, int lower, boolean borrowed) {
        int difference = upper - lower - (borrowed ? 1 : 0);
        text.append(borrowed ? "-1" : "");
        if (difference >= 0) {
            text.append('=').append(difference);
            return false;
        }
        text.append("+10=").append(difference + 10).append(" borrow 1");
        return true;
    }

    private static String aligned(int number) {
        return "" + number / 100 + number / 10 % 10 + number % 10;
    }
}
