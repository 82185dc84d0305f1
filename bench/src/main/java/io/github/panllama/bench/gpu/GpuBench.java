package io.github.panllama.bench.gpu;

import io.github.panllama.bench.gpu.GpuPlan.Section;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
                    + " keeps what it has, and --resume goes on with it. The engine is measured in processes of its own: one"
                    + " that crashes is told, and the others go on; what it said is in bench.log. Progress goes to standard"
                    + " error. Ends with 1 if a setting could not be measured for another reason than --minutes."
        })
public final class GpuBench implements Callable<Integer> {
    /** Seconds. */
    private static final double WARM_UP = 1;

    private static final double JAVA_WARM_UP = 2;

    private static final double SHORT_WARM_UP = 0.2;
    /** Seconds; long enough for energy and p95. */
    private static final double LOAD = 3;

    private static final double SHORT_LOAD = 0.1;
    private static final Duration FACTS_LIMIT = Duration.ofMinutes(4);
    private static final int MOST_MINUTES = 100_000;
    private static final int SHORT_ANSWER = 16;
    /** Of a model, to try how scaling is measured. */
    private static final int CPU_COPIES = 2;

    /** Held, because java.util.logging forgets the settings of a logger that nobody holds. */
    private static final Logger LOGGER = Logger.getLogger("io.github.panllama");

    @Option(
            names = "--cpu",
            description = "On the CPU, with tiny models: to try the bundle without a GPU. A minute on two cores.")
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
            names = "--setting-minutes",
            paramLabel = "N",
            defaultValue = "5",
            description =
                    "Ends the engine's process when a setting, or loading its model, takes longer, and goes on with the"
                            + " next setting (default: ${DEFAULT-VALUE}).")
    private double settingMinutes;

    @Option(
            names = "--peer-minutes",
            paramLabel = "N",
            defaultValue = "10",
            description =
                    "Ends a process of llama-batched-bench, which measures all numbers of sequences for a length of"
                            + " prompts, after so many minutes; what it told until then counts (default: ${DEFAULT-VALUE}).")
    private double peerMinutes;

    @Option(
            names = "--resume",
            description = "Goes on with the report that is in the folder: what it has is not measured again.")
    private boolean resume;

    @Option(
            names = "--keep-models",
            description =
                    "Models that were written stay, for a run with --resume; without it they are deleted after their"
                            + " last setting, also by a later run.")
    private boolean keepModels;

    @Option(
            names = "--devices",
            paramLabel = "NAME",
            split = ",",
            description =
                    "GPUs by their names, such as CUDA0: the first has the model, over all of them scaling is measured"
                            + " (default: all).")
    private List<String> devices = List.of();

    @Option(
            names = "--sections",
            paramLabel = "NAME",
            split = ",",
            description =
                    "What is measured: TABLE, TUNING (choices of the engine against its defaults), SCALING (a copy of"
                            + " the model on each of several devices) (default: all three; on the CPU and with --quick TABLE).")
    private List<Section> sections = List.of();

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
        Duration settingLimit = duration("--setting-minutes", settingMinutes);
        if (memorySpeed != null && !(memorySpeed > 0)) {
            throw wrong("--memory-speed is %s, must be above 0".formatted(memorySpeed));
        }
        List<BenchModel> measured = models.models(cpu, quick, end);
        Figures facts = facts();
        List<String> command = new ArrayList<>(List.of("run", "bench"));
        command.addAll(arguments);
        GpuMachine machine = GpuMachine.of(command, facts, memorySpeed);
        int copies = cpu ? CPU_COPIES : machine.devices().size();
        List<GpuSetting> plan = plan(measured, (int) facts.number("most_sequences"), copies);
        GpuReport report = new GpuReport(output, machine);
        if (resume) {
            report.resume();
        }
        report.begin();
        GpuProgress progress = new GpuProgress(plan, report, end);
        EngineBlock engine = new EngineBlock(
                new EngineBlock.Conditions(
                        cpu,
                        machine.devices(),
                        quick ? 0 : JAVA_WARM_UP,
                        quick ? SHORT_WARM_UP : WARM_UP,
                        SHORT_WARM_UP,
                        quick ? SHORT_LOAD : LOAD),
                log(),
                end,
                settingLimit,
                progress::engine);
        PeerBlock peer = peer(machine, peerLimit, report, progress, end);
        boolean failed = new GpuRunner(measured, plan, report, engine, peer, end).run(keepModels);
        report.end(plan);
        note("written: %s, %s".formatted(output.resolve("bench.json"), output.resolve("bench.md")));
        return failed ? 1 : 0;
    }

    /** Found out by a process, so that this one does not take memory of a card, nor ends with its driver. */
    private Figures facts() throws IOException {
        Map<String, @Nullable Object> request = GpuWorker.line("cpu", cpu);
        request.put("devices", devices);
        request.put("measure_memory_speed", cpu && memorySpeed == null);
        Path log = Files.createTempFile("panllama-bench", ".log");
        try (WorkerProcess worker = WorkerProcess.start(request, Map.of(), log)) {
            Figures line = worker.next(FACTS_LIMIT).orElse(null);
            if (line == null) {
                String end = worker.end();
                System.err.print(Files.readString(log));
                throw new IOException("the machine cannot be looked at: " + end);
            }
            Figures facts = Figures.in(line.fields(), "facts");
            if (facts == null) {
                throw new IOException(String.valueOf(line.fields().get("fault")));
            }
            return facts;
        } catch (WorkerProcess.SilentException e) {
            throw new IOException("the machine cannot be looked at: " + e.getMessage(), e);
        } finally {
            Files.deleteIfExists(log);
        }
    }

    private Path log() {
        return output.resolve("bench.log");
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private Duration duration(String name, double value) {
        if (!(value >= 0 && value <= MOST_MINUTES)) {
            throw wrong("%s is %s, must be in [0, %d]".formatted(name, value, MOST_MINUTES));
        }
        return Duration.ofNanos(Math.round(value * 60e9));
    }

    private List<GpuSetting> plan(List<BenchModel> measured, int mostSequences, int copies) {
        List<Integer> counts =
                choose(parallel, cpu ? List.of(1, 8, 32) : List.of(1, 8, 9, 16, 32, 64, 128, 256), List.of(1, 4));
        List<Integer> lengths = choose(prompts, cpu ? List.of(128) : List.of(128, 1024), List.of(16));
        counts.forEach(count -> within("--parallel", count, mostSequences));
        lengths.forEach(length -> within("--prompt-tokens", length, 1 << 20));
        within("--generate-tokens", generate, 1 << 20);
        boolean given = spec.commandLine().getParseResult().hasMatchedOption("--generate-tokens");
        Set<Section> usual = cpu || quick ? EnumSet.of(Section.TABLE) : EnumSet.allOf(Section.class);
        return GpuPlan.of(
                measured,
                counts,
                lengths,
                quick && !given ? SHORT_ANSWER : generate,
                sections.isEmpty() ? usual : EnumSet.copyOf(sections),
                copies);
    }

    private List<Integer> choose(List<Integer> given, List<Integer> usual, List<Integer> few) {
        if (!given.isEmpty()) {
            return given;
        }
        return quick ? few : usual;
    }

    private void within(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw wrong("%s is %d, must be in [1, %d]".formatted(name, value, most));
        }
    }

    private @Nullable PeerBlock peer(
            GpuMachine machine, Duration limit, GpuReport report, GpuProgress progress, Deadline end) {
        Path folder = Path.of(System.getProperty("panllama.bench.programs", "."));
        if (Files.isExecutable(folder.resolve(PeerProgram.NAME))) {
            PeerProgram program = new PeerProgram(
                    folder.toAbsolutePath(),
                    machine.libraryFolders(),
                    machine.gpu() ? machine.devices().getFirst() : null,
                    log(),
                    limit,
                    progress::peer);
            return new PeerBlock(program, report, machine.gpu(), end);
        }
        note("%s is not in %s: the engine is measured alone".formatted(PeerProgram.NAME, folder));
        return null;
    }

    static void note(String text) {
        System.err.println("run bench: " + text);
    }
}
