package io.github.panllama.bench.gpu;

import io.github.panllama.bench.gpu.GpuRun.Engine;
import io.github.panllama.cli.MarkdownTable;
import io.github.panllama.cli.bench.Latency;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Runs as tables in Markdown: {@code bench.md}. */
final class RunText {
    private static final String NONE = "-";
    private static final double MIB = 1 << 20;

    private final GpuMachine machine;
    private final List<GpuRun> runs;

    /** A column of a table. */
    private record Column(String head, Function<GpuRun, String> cell) {}

    RunText(GpuMachine machine, List<GpuRun> runs) {
        this.machine = machine;
        this.runs = List.copyOf(runs);
    }

    String text() {
        StringBuilder text = new StringBuilder("# Benchmark of this machine\n\n");
        machine.facts()
                .forEach((name, value) -> text.append("- ")
                        .append(name.replace('_', ' '))
                        .append(": ")
                        .append(value)
                        .append('\n'));
        text.append("\n## Speed, tokens a second\n\n").append(table(speeds()));
        text.append(
                "\n`decode` and `prefill` are each alone, `in all` is both under a load of requests. `of memory` is the share of the"
                        + " memory's speed at which decode reads weights and KV cache. `ratio` compares decode with"
                        + " llama-batched-bench, which samples nothing."
                        + (machine.gpu()
                                ? "\n"
                                : " Tiny models are in the processor's caches, which are faster than memory.\n"));
        text.append("\n## Latency of that load, memory and energy\n\n").append(table(latencies()));
        String aims = machine.gpu() ? new Aims(runs).text() : "";
        if (!aims.isEmpty()) {
            text.append("\n## Aims\n\n").append(aims);
        }
        String faults = faults();
        if (!faults.isEmpty()) {
            text.append("\n## Not measured\n\n").append(faults);
        }
        return text.toString();
    }

    /** A run in a line, for who waits. */
    static String line(GpuRun run) {
        String engine = run.engine() == null
                ? ""
                : "decode %s, in all %s tokens/s"
                        .formatted(
                                figure(run.engine().phases().generation().orElse(Double.NaN), "%,.0f"),
                                figure(run.engine().totalTokensPerSecond(), "%,.0f"));
        String peer = run.peer() == null ? "" : ", %s of the peer".formatted(figure(run.decodeRatio(), "%.3f"));
        return engine + peer + (run.fault() == null ? "" : " " + run.fault());
    }

    private List<Column> speeds() {
        return List.of(
                new Column("model", run -> run.setting().model().name()),
                new Column("type", run -> run.setting().model().type()),
                new Column("KV", RunText::cache),
                new Column("n", run -> Integer.toString(run.setting().parallel())),
                new Column("prompt", run -> Integer.toString(run.setting().prompt())),
                new Column("decode", engine(each -> each.phases().generation().orElse(Double.NaN), "%,.1f")),
                new Column(
                        "peer's",
                        peer(run -> Objects.requireNonNull(run.peer()).speeds().decode())),
                new Column("ratio", run -> figure(run.decodeRatio(), "%.3f")),
                new Column("prefill", engine(each -> each.phases().prompt(), "%,.0f")),
                new Column(
                        "peer's",
                        peer(run -> Objects.requireNonNull(run.peer()).speeds().prompt())),
                new Column("in all", engine(each -> each.totalTokensPerSecond(), "%,.0f")),
                new Column(
                        "peer's",
                        peer(run -> Objects.requireNonNull(run.peer()).speeds().all())),
                new Column(
                        "of memory",
                        run -> figure(
                                run.bytesPerSecond() / machine.bytesPerSecond().orElse(Double.NaN), "%.2f")));
    }

    private List<Column> latencies() {
        List<Column> columns = new ArrayList<>(List.of(
                new Column("model", run -> run.setting().model().name()),
                new Column("type", run -> run.setting().model().type()),
                new Column("KV", RunText::cache),
                new Column("n", run -> Integer.toString(run.setting().parallel())),
                new Column("prompt", run -> Integer.toString(run.setting().prompt())),
                new Column("ITL p50, ms", latency(each -> each.interTokenLatency(), Latency::median)),
                new Column("p95", latency(each -> each.interTokenLatency(), Latency::p95)),
                new Column("p99", latency(each -> each.interTokenLatency(), Latency::p99)),
                new Column("TTFT p50, ms", latency(each -> each.timeToFirstToken(), Latency::median)),
                new Column("p95", latency(each -> each.timeToFirstToken(), Latency::p95)),
                new Column(
                        "KV bytes/token",
                        engine(
                                each -> each.cacheBytes().isPresent()
                                        ? each.cacheBytes().getAsLong()
                                        : Double.NaN,
                                "%,.0f")),
                new Column("cells", engine(Engine::cells, "%,.0f")),
                new Column("device MiB", engine(RunText::deviceBytes, "%,.0f")),
                new Column("host MiB", engine(each -> each.hostPeak().orElse(0) / MIB, "%,.0f"))));
        if (runs.stream()
                .anyMatch(run -> run.engine() != null && !run.engine().cards().isEmpty())) {
            columns.add(new Column("W", engine(each -> each.cards().watts().orElse(Double.NaN), "%,.0f")));
            columns.add(new Column(
                    "tokens/J", engine(each -> each.cards().tokensPerJoule().orElse(Double.NaN), "%,.2f")));
        }
        return columns;
    }

    private static double deviceBytes(Engine engine) {
        return engine.devicePeaks().values().stream().mapToLong(Long::longValue).sum() / MIB;
    }

    private static String cache(GpuRun run) {
        String type = run.setting().cache().name().toLowerCase(Locale.ROOT);
        return run.setting().room() == GpuSetting.Room.SIZED ? type : type + ", default";
    }

    private String table(List<Column> columns) {
        MarkdownTable table =
                new MarkdownTable(columns.stream().map(Column::head).toList());
        runs.stream()
                .filter(run -> run.engine() != null || run.peer() != null)
                .forEach(run -> table.row(
                        columns.stream().map(column -> column.cell().apply(run)).toList()));
        return table.text();
    }

    private String faults() {
        StringBuilder text = new StringBuilder();
        for (GpuRun run : runs) {
            if (run.fault() != null) {
                text.append("- ")
                        .append(run.setting())
                        .append(": ")
                        .append(run.fault().replaceAll("\\s+", " "))
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static Function<GpuRun, String> engine(ToDoubleFunction<Engine> value, String format) {
        return run -> run.engine() == null ? NONE : figure(value.applyAsDouble(run.engine()), format);
    }

    private static Function<GpuRun, String> peer(ToDoubleFunction<GpuRun> value) {
        return run -> run.peer() == null ? NONE : figure(value.applyAsDouble(run), "%,.1f");
    }

    private static Function<GpuRun, String> latency(
            Function<Engine, Optional<Latency>> measured, ToDoubleFunction<Latency> value) {
        return engine(each -> measured.apply(each).map(value::applyAsDouble).orElse(Double.NaN), "%.2f");
    }

    private static String figure(double value, String format) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : NONE;
    }
}
