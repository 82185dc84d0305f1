package io.github.panllama.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the rule of a number between bounds, digit by digit. */
final class NumberGrammar {
    /** Digits before the point. A long has room for them, and they are as many as llama.cpp writes. */
    private static final int WHOLE_DIGITS = 16;

    /** Digits of a bound that a double tells apart. */
    private static final int DOUBLE_DIGITS = 16;

    private static final int MAX_SCALE = 15;
    private static final BigInteger LARGEST = BigInteger.TEN.pow(WHOLE_DIGITS).subtract(BigInteger.ONE);

    private NumberGrammar() {}

    static String rule(SchemaFields schema, GrammarRules rules, BasicRules basic, String hint) {
        boolean whole = schema.has("type") && schema.text("type").equals("integer");
        BigDecimal least = bound(schema, "minimum", "exclusiveMinimum");
        BigDecimal most = bound(schema, "maximum", "exclusiveMaximum");
        if (least == null && most == null) {
            return whole ? basic.integer() : basic.number();
        }
        int scale = whole ? 0 : scale(schema, least, most);
        BigInteger from = scaled(least, scale, RoundingMode.CEILING, schema.has("exclusiveMinimum"));
        BigInteger to = scaled(most, scale, RoundingMode.FLOOR, schema.has("exclusiveMaximum"));
        BigInteger limit = BigInteger.TEN.pow(WHOLE_DIGITS + scale).subtract(BigInteger.ONE);
        from = from == null ? limit.negate() : from.max(limit.negate());
        to = to == null ? limit : to.min(limit);
        if (from.compareTo(to) > 0) {
            throw schema.refusal("no number of up to %d digits is between %s and %s"
                    .formatted(WHOLE_DIGITS, least == null ? "-" + LARGEST : least, most == null ? LARGEST : most));
        }
        return rules.add(hint, signed(from, to, scale));
    }

    private static @Nullable BigDecimal bound(SchemaFields schema, String inclusive, String exclusive) {
        if (schema.has(inclusive) && schema.has(exclusive)) {
            throw schema.refusal("%s cannot be held to beside %s".formatted(exclusive, inclusive));
        }
        return schema.number(schema.has(inclusive) ? inclusive : exclusive);
    }

    /** Digits behind the point: as many as the bounds have, and as a double tells apart near them. */
    private static int scale(SchemaFields schema, @Nullable BigDecimal least, @Nullable BigDecimal most) {
        int needed = 1;
        int digits = 1;
        for (BigDecimal bound : new BigDecimal[] {least, most}) {
            if (bound != null) {
                BigDecimal plain = bound.stripTrailingZeros();
                needed = Math.max(needed, plain.scale());
                digits = Math.max(digits, plain.precision() - plain.scale());
            }
        }
        if (needed > MAX_SCALE) {
            throw schema.refusal(
                    "a bound has %d digits behind the point, at most %d are allowed".formatted(needed, MAX_SCALE));
        }
        return Math.max(needed, Math.min(MAX_SCALE, DOUBLE_DIGITS - digits));
    }

    private static @Nullable BigInteger scaled(
            @Nullable BigDecimal bound, int scale, RoundingMode inwards, boolean exclusive) {
        if (bound == null) {
            return null;
        }
        BigDecimal scaled = bound.setScale(scale, inwards);
        BigInteger value = scaled.unscaledValue();
        boolean onBound = exclusive && scaled.compareTo(bound) == 0;
        return !onBound
                ? value
                : inwards == RoundingMode.CEILING ? value.add(BigInteger.ONE) : value.subtract(BigInteger.ONE);
    }

    private static String signed(BigInteger from, BigInteger to, int scale) {
        List<String> ways = new ArrayList<>();
        if (from.signum() < 0) {
            BigInteger nearest = to.signum() < 0 ? to.negate() : BigInteger.ONE;
            ways.add("\"-\" ( " + magnitude(nearest, from.negate(), scale) + " )");
        }
        if (to.signum() >= 0) {
            ways.add(magnitude(from.max(BigInteger.ZERO), to, scale));
        }
        return String.join(" | ", ways);
    }

    /** Of numbers that are not negative, given in units of the last digit. */
    private static String magnitude(BigInteger from, BigInteger to, int scale) {
        BigInteger unit = BigInteger.TEN.pow(scale);
        BigInteger[] low = from.divideAndRemainder(unit);
        BigInteger[] high = to.divideAndRemainder(unit);
        String zeros = "0".repeat(scale);
        String nines = "9".repeat(scale);
        String lowest = padded(low[1], scale);
        String highest = padded(high[1], scale);
        if (low[0].equals(high[0])) {
            return "\"" + low[0] + "\" " + fraction(lowest, highest);
        }
        List<String> ways = new ArrayList<>();
        BigInteger first = low[0];
        BigInteger last = high[0];
        if (!lowest.equals(zeros)) {
            ways.add("\"" + first + "\" " + fraction(lowest, nines));
            first = first.add(BigInteger.ONE);
        }
        if (!highest.equals(nines)) {
            ways.add("\"" + last + "\" " + fraction(zeros, highest));
            last = last.subtract(BigInteger.ONE);
        }
        if (first.compareTo(last) <= 0) {
            ways.add("( " + wholes(first, last) + " ) " + fraction(zeros, nines));
        }
        return String.join(" | ", ways);
    }

    private static String padded(BigInteger digits, int length) {
        String text = digits.toString();
        return length == 0 ? "" : "0".repeat(length - text.length()) + text;
    }

    private static String fraction(String low, String high) {
        if (low.isEmpty()) {
            return "";
        }
        String digits = "( \".\" " + digits(low, high, true) + " )";
        return isAll(low, '0') ? digits + "?" : digits;
    }

    /** Whole numbers of every length from one to another. */
    private static String wholes(BigInteger from, BigInteger to) {
        List<String> ways = new ArrayList<>();
        int longest = to.toString().length();
        for (int length = from.toString().length(); length <= longest; length++) {
            BigInteger shortest = length == 1 ? BigInteger.ZERO : BigInteger.TEN.pow(length - 1);
            String low = from.max(shortest).toString();
            String high =
                    to.min(BigInteger.TEN.pow(length).subtract(BigInteger.ONE)).toString();
            ways.add(digits(low, high, false));
        }
        return String.join(" | ", ways);
    }

    /**
     * Digits from some to others, which are as many.
     *
     * @param ends whether there may be fewer, those that are not there counting as 0; one is there
     */
    private static String digits(String low, String high, boolean ends) {
        int length = low.length();
        if (isAll(low, '0') && isAll(high, '9')) {
            return ends ? "[0-9]{1," + length + "}" : "[0-9]{" + length + "}";
        }
        char from = low.charAt(0);
        char to = high.charAt(0);
        String lows = low.substring(1);
        String highs = high.substring(1);
        if (from == to) {
            return "[" + from + "] " + more(lows, highs, ends);
        }
        List<String> ways = new ArrayList<>();
        String zeros = "0".repeat(length - 1);
        String nines = "9".repeat(length - 1);
        if (!isAll(lows, '0')) {
            ways.add("[" + from + "] " + more(lows, nines, ends));
            from++;
        }
        if (!isAll(highs, '9')) {
            ways.add("[" + to + "] " + more(zeros, highs, ends));
            to--;
        }
        if (from <= to) {
            ways.add("[" + from + "-" + to + "] " + more(zeros, nines, ends));
        }
        return "( " + String.join(" | ", ways) + " )";
    }

    private static String more(String low, String high, boolean ends) {
        if (low.isEmpty()) {
            return "";
        }
        String digits = digits(low, high, ends);
        return ends && isAll(low, '0') ? "( " + digits + " )?" : digits;
    }

    private static boolean isAll(String digits, char digit) {
        return digits.chars().allMatch(c -> c == digit);
    }
}
