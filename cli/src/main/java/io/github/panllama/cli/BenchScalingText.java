package io.github.panllama.cli;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** A scaling's table in Markdown. */
final class BenchScalingText {
    private static final String NONE = "-";
    private static final double PERCENT = 100;

    private BenchScalingText() {}

    static void print(Output out, BenchScaling scaling) {
        BenchScaling.Unit unit = scaling.unit();
        out.println(
                "Weak scaling: requests in flight grow with the %s. Speed-up is over one %s, efficiency is speed-up / %s."
                        .formatted(unit, unit.singular(), unit));
        out.println("");
        MarkdownTable table = new MarkdownTable(List.of(
                unit.toString(),
                "B of each",
                "B of all",
                "output t/s of all",
                "speed-up",
                "efficiency %",
                "ITL p95 ms"));
        for (BenchScaling.Point point : scaling.points()) {
            BenchScaling.Sample sample = point.sample();
            table.row(List.of(
                    Integer.toString(sample.units()),
                    Integer.toString(sample.each()),
                    Integer.toString(sample.units() * sample.each()),
                    figure("%.2f", sample.tokensPerSecond()),
                    figure("%.2f", point.speedUp()),
                    figure("%.1f", PERCENT * point.efficiency()),
                    milliseconds(sample.p95())));
        }
        table.print(out);
    }

    private static String milliseconds(OptionalDouble number) {
        return number.isPresent() ? figure("%.3f", number.getAsDouble()) : NONE;
    }

    private static String figure(String format, double number) {
        return String.format(Locale.ROOT, format, number);
    }
}
