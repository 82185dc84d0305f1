package io.github.panllama.cli;

import java.util.Locale;

/** Numbers for people. */
final class Quantity {
    private static final String[] BINARY = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    private static final String[] COUNTS = {"", " thousand", " million", " billion", " trillion"};

    private Quantity() {}

    static String bytes(long bytes) {
        return scaled(bytes, 1024, " ", BINARY);
    }

    static String count(long count) {
        return scaled(count, 1000, "", COUNTS);
    }

    private static String scaled(long number, int step, String space, String[] units) {
        double value = number;
        int unit = 0;
        while (value >= step && unit < units.length - 1) {
            value /= step;
            unit++;
        }
        String digits = unit == 0 ? Long.toString(number) : String.format(Locale.ROOT, "%.1f", value);
        return digits + space + units[unit];
    }
}
