package io.github.panllama.bench.gpu;

import io.github.panllama.bench.gpu.GpuSetting.Room;
import io.github.panllama.bench.gpu.GpuSetting.Variant;
import io.github.panllama.cli.MarkdownTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Runs as tables in Markdown: {@code bench.md}. */
final class RunText {
    private static final String NONE = "-";
    private static final double MIB = 1 << 20;
    private static final Set<String> IN_JSON_ALONE = Set.of("libraries", "library_folders", "device_names", "cards");
    private static final Figures NOTHING = new Figures(Map.of());

    private final GpuMachine machine;
    private final List<GpuRun> runs;

    /** A column of a table. */
    private record Column(String head, Function<GpuRun, String> cell) {
        static Column of(String head, ToDoubleFunction<GpuRun> value, String format) {
            return new Column(head, run -> figure(value.applyAsDouble(run), format));
        }

        static Column engine(String head, String format, String... path) {
            return of(head, run -> run.engineNumber(path), format);
        }

        static Column peer(String head, String name) {
            return of(head, run -> run.peer() == null ? Double.NaN : run.peer().number(name), "%,.1f");
        }
    }

    RunText(GpuMachine machine, List<GpuRun> runs) {
        this.machine = machine;
        this.runs = List.copyOf(runs);
    }

    String text() {
        StringBuilder text = new StringBuilder("# Benchmark of this machine\n\n");
        machine.facts().entrySet().stream()
                .filter(fact -> !IN_JSON_ALONE.contains(fact.getKey()))
                .forEach(fact -> text.append("- ")
                        .append(fact.getKey().replace('_', ' '))
                        .append(": ")
                        .append(fact.getValue())
                        .append('\n'));
        Predicate<GpuRun> usual = run -> run.setting().hasPeer();
        text.append("\n## Speed, tokens a second\n\n").append(table(speeds(), usual));
        text.append(
                "\n`decode` and `prefill` are each alone, `in all` is both under a load of requests. `of memory` is the share of the"
                        + " memory's speed at which decode reads weights and KV cache. `ratio` compares decode with"
                        + " llama-batched-bench, which samples nothing."
                        + (machine.gpu()
                                ? "\n"
                                : " Tiny models are in the processor's caches, which are faster than memory.\n"));
        section(text, "Latency of that load, memory and energy", latencies(), usual);
        section(text, "Where the time of a step goes, ms", steps(), run -> !Double.isNaN(step(run, "all")));
        section(text, "Tuning", tuning(), run -> run.setting().variant() != Variant.NONE);
        section(text, "Scaling over devices", scaling(), run -> scalingOne(run) != null);
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

    private void section(StringBuilder text, String title, List<Column> columns, Predicate<GpuRun> which) {
        if (runs.stream().anyMatch(which.and(run -> run.engine() != null))) {
            text.append("\n## ").append(title).append("\n\n").append(table(columns, which));
        }
    }

    private static List<Column> setting() {
        return new ArrayList<>(List.of(
                new Column("model", run -> run.setting().model()),
                new Column("type", run -> run.setting().type()),
                new Column("KV", RunText::cache),
                new Column("n", run -> Integer.toString(run.setting().parallel())),
                new Column("prompt", run -> Integer.toString(run.setting().prompt()))));
    }

    private List<Column> speeds() {
        List<Column> columns = setting();
        columns.addAll(List.of(
                Column.of("decode", GpuRun::decode, "%,.1f"),
                Column.peer("peer's", "decode_tokens_per_second"),
                Column.of("ratio", GpuRun::decodeRatio, "%.3f"),
                Column.engine("prefill", "%,.0f", "prefill_tokens_per_second"),
                Column.peer("peer's", "prefill_tokens_per_second"),
                Column.of("in all", GpuRun::total, "%,.0f"),
                Column.peer("peer's", "total_tokens_per_second"),
                Column.of("of memory", run -> run.memoryShare(machine), "%.2f")));
        return columns;
    }

    private List<Column> latencies() {
        List<Column> columns = setting();
        columns.addAll(List.of(
                Column.engine("ITL p50, ms", "%.2f", "itl_ms", "median"),
                Column.engine("p95", "%.2f", "itl_ms", "p95"),
                Column.engine("p99", "%.2f", "itl_ms", "p99"),
                Column.engine("TTFT p50, ms", "%.2f", "ttft_ms", "median"),
                Column.engine("p95", "%.2f", "ttft_ms", "p95"),
                Column.engine("KV bytes/token", "%,.0f", "kv_bytes_per_token"),
                Column.engine("cells", "%,.0f", "context_size"),
                Column.of(
                        "device MiB",
                        run -> Objects.requireNonNullElse(run.engine(), NOTHING).sum("device_memory_peak_bytes") / MIB,
                        "%,.0f"),
                Column.of("card MiB", run -> run.engineNumber("card_memory_peak_bytes") / MIB, "%,.0f"),
                Column.of("host MiB", run -> run.engineNumber("host_memory_peak_bytes") / MIB, "%,.0f")));
        if (runs.stream().anyMatch(run -> !Double.isNaN(run.engineNumber("watts")))) {
            columns.add(Column.engine("W", "%,.0f", "watts"));
            columns.add(Column.engine("tokens/J", "%,.2f", "tokens_per_joule"));
        }
        return columns;
    }

    private static List<Column> steps() {
        List<Column> columns = setting();
        columns.add(new Column("", run -> variant(run)));
        columns.addAll(List.of(
                Column.of("all", run -> step(run, "all"), "%.3f"),
                Column.of("decode", run -> step(run, "decode"), "%.3f"),
                Column.of("sampling", run -> step(run, "sampling"), "%.3f"),
                Column.of("rest", run -> step(run, "rest"), "%.3f")));
        return columns;
    }

    private static double step(GpuRun run, String part) {
        return run.engineNumber("step_ms", part);
    }

    private static String variant(GpuRun run) {
        GpuSetting setting = run.setting();
        return setting.variant() == Variant.NONE && setting.copies() > 1
                ? setting.copies() + " devices"
                : setting.variant().words();
    }

    /** A choice, and how it compares with the engine's own one. */
    private List<Column> tuning() {
        List<Column> columns = setting();
        columns.add(new Column("choice", RunText::variant));
        columns.addAll(List.of(
                Column.of("decode", GpuRun::decode, "%,.1f"),
                Column.of("of the default", run -> run.decode() / usual(run).decode(), "%.3f"),
                Column.of("in all", GpuRun::total, "%,.0f"),
                Column.of("of the default", run -> run.total() / usual(run).total(), "%.3f"),
                Column.engine("ITL p95, ms", "%.2f", "itl_ms", "p95"),
                Column.of("default's", run -> usual(run).engineNumber("itl_ms", "p95"), "%.2f"),
                Column.engine("TTFT p50, ms", "%.2f", "ttft_ms", "median"),
                Column.of("default's", run -> usual(run).engineNumber("ttft_ms", "median"), "%.2f"),
                Column.engine("chosen on the device", "%,.0f", "device_sampled")));
        return columns;
    }

    private GpuRun usual(GpuRun run) {
        return find(run.setting().withVariant(Variant.NONE));
    }

    private GpuRun find(GpuSetting setting) {
        return runs.stream()
                .filter(run -> run.setting().equals(setting))
                .findFirst()
                .orElseGet(() -> GpuRun.of(setting));
    }

    /** As many sequences on each device as on one. */
    private List<Column> scaling() {
        List<Column> columns = setting();
        columns.addAll(List.of(
                new Column("devices", run -> Integer.toString(run.setting().copies())),
                Column.of("in all", GpuRun::total, "%,.0f"),
                Column.of("speed-up", this::speedUp, "%.2f"),
                Column.of("efficiency", run -> speedUp(run) / run.setting().copies(), "%.3f"),
                Column.engine("ITL p95, ms", "%.2f", "itl_ms", "p95")));
        return columns;
    }

    private double speedUp(GpuRun run) {
        GpuRun one = scalingOne(run);
        return one == null ? Double.NaN : run.total() / one.total();
    }

    /** The run on one device of a scaling that this is a part of. */
    private @Nullable GpuRun scalingOne(GpuRun run) {
        GpuSetting one = run.setting().withCopies(1);
        boolean scaled = runs.stream()
                .map(GpuRun::setting)
                .anyMatch(other -> other.copies() > 1 && other.withCopies(1).equals(one));
        return scaled ? find(one) : null;
    }

    private static String cache(GpuRun run) {
        String type = run.setting().cache().name().toLowerCase(Locale.ROOT);
        return run.setting().room() == Room.SIZED ? type : type + ", default";
    }

    private String table(List<Column> columns, Predicate<GpuRun> which) {
        MarkdownTable table =
                new MarkdownTable(columns.stream().map(Column::head).toList());
        runs.stream()
                .filter(which)
                .filter(run -> run.engine() != null || run.peer() != null)
                .forEach(run -> table.row(
                        columns.stream().map(column -> column.cell().apply(run)).toList()));
        return table.text();
    }

    private String faults() {
        StringBuilder text = new StringBuilder();
        for (GpuRun run : runs) {
            for (String fault : Arrays.asList(run.fault(), run.peerFault())) {
                if (fault != null) {
                    text.append("- ")
                            .append(run.setting())
                            .append(": ")
                            .append(fault.replaceAll("\\s+", " "))
                            .append('\n');
                }
            }
        }
        return text.toString();
    }

    static String figure(double value, String format) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : NONE;
    }
}
