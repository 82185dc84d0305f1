package io.github.panllama.cli;

import io.github.panllama.Llama;
import io.github.panllama.cli.bench.GoodputBounds;
import io.github.panllama.cli.bench.Latency;
import io.github.panllama.cli.bench.LoadResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** A benchmark's tables in Markdown. */
final class BenchText {
    private static final String NONE = "-";
    private static final double MIB = 1 << 20;

    private final Output out;
    private final BenchReport report;
    private final BenchOptions options;

    /** A column of the first table. */
    private record Column(String head, Function<BenchRun, String> cell) {}

    BenchText(Output out, BenchReport report) {
        this.out = out;
        this.report = report;
        this.options = report.options();
    }

    void print() {
        head();
        out.println("");
        throughput();
        out.println("");
        latency();
        if (report.runs().stream().anyMatch(run -> !run.cards().isEmpty())) {
            out.println("");
            BenchCardsText.print(out, report.runs());
        }
        if (report.scaling() != null) {
            out.println("");
            BenchScalingText.print(out, report.scaling());
        }
        out.flush();
    }

    private void head() {
        BenchReport.Model model = report.model();
        out.println("%s: %s, %s parameters, %s"
                .formatted(
                        model.used().file(),
                        model.description(),
                        Quantity.count(model.parameters()),
                        Quantity.bytes(model.bytes())));
        out.println("%s, panllama %s, llama.cpp %s%s, %d processors, threads: %s"
                .formatted(
                        report.date(),
                        Version.current(),
                        Llama.release(),
                        Llama.cpuVariant()
                                .map(variant -> ", CPU variant " + variant)
                                .orElse(""),
                        Runtime.getRuntime().availableProcessors(),
                        report.machine().threads().map(String::valueOf).orElse("default")));
        String load = options.rate() == null
                ? "each client sends its next request when it has its answer"
                : options.rate() + " requests/s that come by chance";
        out.println("%d + %d tokens, %d of them shared, greedy; %s%s"
                .formatted(options.promptTokens(), options.generateTokens(), options.sharedPrefix(), load, contexts()));
    }

    private String contexts() {
        String devices = options.devices().isEmpty() ? "" : ", on " + String.join(", ", options.devices());
        BenchScaling scaling = report.scaling();
        if (scaling != null) {
            return "; scaling over %d %s%s"
                    .formatted(scaling.points().getLast().sample().units(), scaling.unit(), devices);
        }
        String each = options.devices().size() > 1 ? " each" : "";
        return (options.replicas() == 1 ? "" : "; %d replicas%s".formatted(options.replicas(), each)) + devices;
    }

    private void throughput() {
        List<Column> columns = columns();
        MarkdownTable table =
                new MarkdownTable(columns.stream().map(Column::head).toList());
        for (BenchRun run : report.runs()) {
            table.row(columns.stream().map(column -> column.cell().apply(run)).toList());
        }
        table.print(out);
    }

    private List<Column> columns() {
        List<Column> columns = new ArrayList<>(List.of(
                new Column("PP", run -> Integer.toString(options.promptTokens())),
                new Column("TG", run -> Integer.toString(options.generateTokens())),
                new Column("B", run -> run.inFlight()),
                new Column("S_PP t/s", run -> figure(run.phases().prompt())),
                new Column(
                        "S_TG t/s",
                        run -> run.phases().generation().isPresent()
                                ? figure(run.phases().generation().getAsDouble())
                                : NONE),
                new Column(
                        "requests",
                        run -> Integer.toString(run.load().requests().size())),
                new Column("requests/s", run -> figure(run.load().requestsPerSecond())),
                new Column("output t/s", run -> figure(run.load().outputTokensPerSecond())),
                new Column("total t/s", run -> figure(run.load().totalTokensPerSecond()))));
        if (options.sharedPrefix() > 0) {
            columns.add(new Column("cached %", BenchText::cached));
        }
        GoodputBounds bounds = options.goodput();
        if (bounds != null) {
            columns.add(
                    new Column("goodput, requests/s", run -> figure(run.load().goodput(bounds))));
        }
        Double price = options.pricePerHour();
        if (price != null) {
            columns.add(new Column("cost/M output", run -> cost(run.costPerMillionOutputTokens(price))));
            columns.add(new Column("cost/M total", run -> cost(run.costPerMillionTotalTokens(price))));
        }
        columns.add(new Column(
                "host MiB",
                run -> run.hostPeak().isPresent() ? mebibytes(run.hostPeak().getAsLong()) : NONE));
        for (String device : report.runs().getFirst().devicePeaks().keySet()) {
            columns.add(new Column(
                    device + " MiB", run -> mebibytes(run.devicePeaks().getOrDefault(device, 0L))));
        }
        return columns;
    }

    private void latency() {
        MarkdownTable table = new MarkdownTable(List.of("B", "ms", "mean", "median", "p95", "p99"));
        for (BenchRun run : report.runs()) {
            LoadResult load = run.load();
            row(table, run, "TTFT", load.timeToFirstToken());
            row(table, run, "TPOT", load.timePerOutputToken());
            row(table, run, "ITL", load.interTokenLatency());
            row(table, run, "E2EL", load.endToEndLatency());
        }
        table.print(out);
    }

    private static void row(MarkdownTable table, BenchRun run, String what, Optional<Latency> measured) {
        measured.ifPresent(latency -> table.row(List.of(
                run.inFlight(),
                what,
                milliseconds(latency.mean()),
                milliseconds(latency.median()),
                milliseconds(latency.p95()),
                milliseconds(latency.p99()))));
    }

    private static String cached(BenchRun run) {
        return figure(100.0 * run.load().cachedTokens() / run.load().promptTokens());
    }

    private static String figure(double number) {
        return String.format(Locale.ROOT, "%.2f", number);
    }

    private static String milliseconds(double number) {
        return String.format(Locale.ROOT, "%.3f", number);
    }

    private static String cost(double number) {
        return String.format(Locale.ROOT, "%.4f", number);
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.0f", bytes / MIB);
    }
}
