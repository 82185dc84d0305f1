package io.github.panllama.bench.gpu;

import io.github.panllama.Device;
import io.github.panllama.Llama;
import io.github.panllama.ModelOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program behind {@code run bench} of the GPU bundle. */
@Command(
        name = "run bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures the engine beside llama-batched-bench on this machine's GPU, and writes bench.json and bench.md.",
            "Settings are measured in the order of their worth, and both files are written after each: a run that is cut"
                    + " keeps what it has. Progress goes to standard error. Ends with 1 if a setting could not be measured"
                    + " for another reason than --minutes."
        })
public final class GpuBench implements Callable<Integer> {
    /** Seconds. */
    private static final double WARM_UP = 1;

    private static final double SHORT_WARM_UP = 0.2;
    private static final int MOST_MINUTES = 100_000;
    /** Held, because java.util.logging forgets the settings of a logger that nobody holds. */
    private static final Logger LOGGER = Logger.getLogger("io.github.panllama");

    @Option(
            names = "--cpu",
            description = "On the CPU, with tiny models: to try the bundle without a GPU. Half a minute on two cores.")
    private boolean cpu;

    @Option(
            names = "--quick",
            description = "Few and short settings, on a GPU of one model: does it work, not how fast is it.")
    private boolean quick;

    @Mixin
    private ModelFlags models = new ModelFlags();

    @Option(
            names = "--parallel",
            paramLabel = "N",
            split = ",",
            description = "Sequences at the same time (default: 1,8,9,16,32,64,128,256; on the CPU 1,8,32).")
    private List<Integer> parallel = List.of();

    @Option(
            names = "--prompt-tokens",
            paramLabel = "N",
            split = ",",
            description = "Tokens of a prompt (default: 128,1024; on the CPU 128).")
    private List<Integer> prompts = List.of();

    @Option(
            names = "--generate-tokens",
            paramLabel = "N",
            defaultValue = "128",
            description = "Tokens that each sequence generates (default: ${DEFAULT-VALUE}; 16 with --quick).")
    private int generate;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description = "Ends after so many minutes, in which models are written too; the most telling settings come"
                    + " first. What was measured until then stays.")
    private @Nullable Double minutes;

    @Option(
            names = "--peer-minutes",
            paramLabel = "N",
            defaultValue = "10",
            description = "Ends llama-batched-bench after so many minutes in a setting (default: ${DEFAULT-VALUE}).")
    private double peerMinutes;

    @Option(
            names = "--memory-speed",
            paramLabel = "GB/S",
            description =
                    "What the card's memory gives, to tell the share that is used (default: as its maker tells, for"
                            + " cards that are known; measured on the CPU).")
    private @Nullable Double memorySpeed;

    @Option(
            names = "--output",
            paramLabel = "FOLDER",
            defaultValue = ".",
            description = "Where bench.json and bench.md are written (default: the working folder).")
    private Path output = Path.of(".");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandLine.Model.CommandSpec spec;

    private List<String> arguments = List.of();

    private GpuBench() {}

    /**
     * Runs the benchmark and ends the JVM.
     *
     * @param args as {@code --help} tells
     */
    public static void main(String[] args) {
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        LOGGER.setLevel(Level.WARNING);
        System.exit(run(args));
    }

    static int run(String... args) {
        GpuBench bench = new GpuBench();
        bench.arguments = List.of(args);
        return new CommandLine(bench)
                .setExecutionExceptionHandler((failure, commandLine, _) -> {
                    commandLine.getErr().println("run bench: " + failure.getMessage());
                    return 1;
                })
                .execute(args);
    }

    @Override
    public Integer call() throws IOException {
        Deadline end = minutes == null ? Deadline.never() : Deadline.in(duration("--minutes", minutes));
        Duration peerLimit = duration("--peer-minutes", peerMinutes);
        if (!cpu) {
            Device.requireGpu();
        }
        List<GpuSetting> plan = plan(end);
        List<String> command = new ArrayList<>(List.of("run", "bench"));
        command.addAll(arguments);
        GpuReport report = new GpuReport(output, GpuMachine.current(command, cpu, memorySpeed));
        boolean failed = measure(plan, report, end, peerLimit);
        report.write();
        note("written: %s, %s".formatted(output.resolve("bench.json"), output.resolve("bench.md")));
        return failed ? 1 : 0;
    }

    private Duration duration(String name, double value) {
        if (!(value >= 0 && value <= MOST_MINUTES)) {
            throw new ParameterException(
                    spec.commandLine(), "%s is %s, must be in [0, %d]".formatted(name, value, MOST_MINUTES));
        }
        return Duration.ofNanos(Math.round(value * 60e9));
    }

    private List<GpuSetting> plan(Deadline end) {
        List<Integer> counts =
                choose(parallel, cpu ? List.of(1, 8, 32) : List.of(1, 8, 9, 16, 32, 64, 128, 256), List.of(1, 4));
        List<Integer> lengths = choose(prompts, cpu ? List.of(128) : List.of(128, 1024), List.of(16));
        counts.forEach(count -> within("--parallel", count, Llama.maxSequences()));
        lengths.forEach(length -> within("--prompt-tokens", length, 1 << 20));
        within("--generate-tokens", generate, 1 << 20);
        boolean given = spec.commandLine().getParseResult().hasMatchedOption("--generate-tokens");
        return GpuPlan.of(models.models(cpu, quick, end), counts, lengths, quick && !given ? 16 : generate);
    }

    private List<Integer> choose(List<Integer> given, List<Integer> usual, List<Integer> few) {
        if (!given.isEmpty()) {
            return given;
        }
        return quick ? few : usual;
    }

    private void within(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new ParameterException(
                    spec.commandLine(), "%s is %d, must be in [1, %d]".formatted(name, value, most));
        }
    }

    /** Whether a setting failed. */
    private boolean measure(List<GpuSetting> plan, GpuReport report, Deadline end, Duration peerLimit)
            throws IOException {
        boolean failed = false;
        try (GpuMeasurement measurement =
                new GpuMeasurement(options(end), peer(peerLimit), quick ? SHORT_WARM_UP : WARM_UP, end)) {
            for (int i = 0; i < plan.size(); i++) {
                GpuSetting setting = plan.get(i);
                if (end.isOver()) {
                    report.add(GpuRun.notBegun(setting));
                } else {
                    long begun = end.elapsed().toSeconds();
                    GpuRun run = measurement.run(setting);
                    failed |= run.failed();
                    note("%d of %d, %s s: %s: %s".formatted(i + 1, plan.size(), begun, setting, RunText.line(run)));
                    report.add(run);
                }
                if (isLast(plan, i)) {
                    measurement.release(setting.model());
                }
            }
        }
        return failed;
    }

    /** Whether its model is not measured any more. */
    private static boolean isLast(List<GpuSetting> plan, int index) {
        return plan.subList(index + 1, plan.size()).stream()
                .noneMatch(later -> later.model().equals(plan.get(index).model()));
    }

    private ModelOptions options(Deadline end) {
        ModelOptions.Builder builder = ModelOptions.builder().progress(_ -> !end.isOver());
        return cpu
                ? builder.gpuLayers(0).devices(List.of()).build()
                : builder.gpuLayers(ModelOptions.ALL_LAYERS).build();
    }

    private @Nullable PeerProgram peer(Duration limit) {
        Path folder = Path.of(System.getProperty("panllama.bench.programs", "."));
        if (Files.isExecutable(folder.resolve(PeerProgram.NAME))) {
            return new PeerProgram(folder.toAbsolutePath(), cpu, limit);
        }
        note("%s is not in %s: the engine is measured alone".formatted(PeerProgram.NAME, folder));
        return null;
    }

    static void note(String text) {
        System.err.println("run bench: " + text);
    }
}
