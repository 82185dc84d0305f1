package io.github.panllama.cli;

import io.github.panllama.gpu.GpuUsage;
import io.github.panllama.gpu.ThrottleReason;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/** A benchmark's table of cards in Markdown: a row for each card, and one for all where there are several. */
final class BenchCardsText {
    private static final String NONE = "-";
    private static final double MIB = 1 << 20;

    private BenchCardsText() {}

    static void print(Output out, List<BenchRun> runs) {
        MarkdownTable table = new MarkdownTable(List.of(
                "B",
                "card",
                "W",
                "J",
                "tokens/J",
                "J/1000 tokens",
                "energy by",
                "busy %",
                "MiB",
                "SM MHz",
                "lowest",
                "memory MHz",
                "°C",
                "slowed by"));
        for (BenchRun run : runs) {
            rows(table, run);
        }
        table.print(out);
    }

    private static void rows(MarkdownTable table, BenchRun run) {
        String parallel = run.inFlight();
        for (GpuUsage usage : run.cards().usages()) {
            String name = "%d: %s".formatted(usage.card().index(), usage.card().name());
            row(
                    table,
                    parallel,
                    name,
                    new BenchCards(List.of(usage), run.cards().generatedTokens()),
                    usage);
        }
        if (run.cards().usages().size() > 1) {
            all(table, parallel, run.cards());
        }
    }

    private static void row(MarkdownTable table, String parallel, String name, BenchCards alone, GpuUsage usage) {
        table.row(List.of(
                parallel,
                name,
                figure(alone.watts()),
                figure(alone.joules()),
                figure(alone.tokensPerJoule()),
                figure(alone.joulesPerThousandTokens()),
                alone.energySource().name().toLowerCase(Locale.ROOT),
                figure(usage.meanUtilization()),
                mebibytes(usage.peakMemory()),
                figure(usage.meanSmClock()),
                number(usage.minSmClock()),
                figure(usage.meanMemoryClock()),
                number(usage.peakTemperature()),
                slowedBy(usage.throttleReasons())));
    }

    private static void all(MarkdownTable table, String parallel, BenchCards cards) {
        table.row(List.of(
                parallel,
                "all",
                figure(cards.watts()),
                figure(cards.joules()),
                figure(cards.tokensPerJoule()),
                figure(cards.joulesPerThousandTokens()),
                cards.energySource().name().toLowerCase(Locale.ROOT),
                "",
                "",
                "",
                "",
                "",
                "",
                ""));
    }

    /** Reasons that a card with work has, for people. */
    private static String slowedBy(Set<ThrottleReason> reasons) {
        String text = reasons.stream()
                .filter(ThrottleReason::slowsWork)
                .map(reason -> reason.name().toLowerCase(Locale.ROOT).replace('_', ' '))
                .collect(Collectors.joining(", "));
        return text.isEmpty() ? NONE : text;
    }

    private static String figure(OptionalDouble number) {
        return number.isPresent() ? String.format(Locale.ROOT, "%.2f", number.getAsDouble()) : NONE;
    }

    private static String number(OptionalInt number) {
        return number.isPresent() ? Integer.toString(number.getAsInt()) : NONE;
    }

    private static String mebibytes(OptionalLong bytes) {
        return bytes.isPresent() ? String.format(Locale.ROOT, "%.0f", bytes.getAsLong() / MIB) : NONE;
    }
}
