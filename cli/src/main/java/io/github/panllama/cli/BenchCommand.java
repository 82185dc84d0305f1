package io.github.panllama.cli;

import io.github.panllama.Llama;
import io.github.panllama.LlamaModel;
import io.github.panllama.cli.bench.GoodputBounds;
import io.github.panllama.engine.EngineOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How fast an engine serves a model: throughput and latency at numbers of requests in flight. */
@Command(
        name = "bench",
        header = "Measure how fast a model is served.",
        description = {
            "For each number of requests in flight it starts an engine and warms it up. Then it measures prefill and"
                    + " decode alone (S_PP and S_TG, as llama-batched-bench tells them), and both together under a"
                    + " load of requests: throughput, time to the first token (TTFT), time per output token (TPOT),"
                    + " inter-token latency (ITL), end-to-end latency (E2EL).",
            "Prompts are random tokens, and each answer has exactly --generate-tokens tokens, the likeliest ones."
        },
        footer = {
            "Examples:",
            "  panllama bench",
            "        the bundled model, at 1, 8, 32 and 64 requests in flight",
            "  panllama bench --model m.gguf --parallel 32 --prompt-tokens 512 --generate-tokens 128",
            "  panllama bench --model m.gguf --parallel 64 --rate 20 --goodput ttft:500,tpot:50",
            "        20 requests a second that come by chance (Poisson), 64 of them computed at the same time, and how",
            "        many were served within the bounds",
            "  panllama bench --model m.gguf --parallel 32 --target-latency-ms 50 --shared-prefix 100",
            "  panllama bench --model m.gguf --price-per-hour 2.5 --format json | jq '.runs[] | .s_tg'",
            "",
            "--format json prints one object, whose fields docs/cli.md lists."
        })
final class BenchCommand extends Subcommand {
    private static final int MOST_TOKENS = 1 << 20;
    private static final int MOST_SECONDS = 3600;

    /** How results are printed. */
    enum Format {
        MD,
        JSON
    }

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "A GGUF file; of a model in several files, the first (default: the bundled model).")
    private @Nullable Path model;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,8,32,64",
            description = "Requests in flight, a run for each; with --rate, those that are computed at the same time"
                    + " (default: ${DEFAULT-VALUE}).")
    private List<Integer> parallel = List.of();

    @Option(
            names = "--prompt-tokens",
            paramLabel = "N",
            defaultValue = "128",
            description = "Tokens of a prompt (default: ${DEFAULT-VALUE}).")
    private int promptTokens;

    @Option(
            names = "--generate-tokens",
            paramLabel = "N",
            defaultValue = "128",
            description = "Tokens of an answer (default: ${DEFAULT-VALUE}).")
    private int generateTokens;

    @Option(
            names = "--requests",
            paramLabel = "N",
            description = "Requests of a run (default: four for each in flight, 16 at least).")
    private @Nullable Integer requests;

    @Option(
            names = "--rate",
            paramLabel = "R",
            description = "Requests a second, which come by chance (Poisson) whatever became of those before; without"
                    + " it a client sends its next request when it has its answer.")
    private @Nullable Double rate;

    @Option(
            names = "--target-latency-ms",
            paramLabel = "X",
            description = "Lets the engine keep the time from one token to the next under this.")
    private @Nullable Double targetLatency;

    @Option(
            names = "--shared-prefix",
            paramLabel = "N",
            defaultValue = "0",
            description = "Tokens at the beginning of the prompts that all have in common (default: none).")
    private int sharedPrefix;

    @Option(
            names = "--goodput",
            paramLabel = "KEY:MS",
            converter = Bounds.class,
            description =
                    "Counts the requests that stay under these bounds: ttft, tpot, e2el, with commas between them.")
    private @Nullable GoodputBounds goodput;

    @Option(
            names = "--price-per-hour",
            paramLabel = "D",
            description = "What the machine costs; tells what a million tokens do.")
    private @Nullable Double pricePerHour;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "2",
            description =
                    "Requests that are not measured, a round at least (default: ${DEFAULT-VALUE} seconds of them).")
    private double warmUp;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of the prompts, and of the times when they come (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--context",
            paramLabel = "N",
            description =
                    "Tokens that the KV cache holds, of all requests together (default: room for those in flight).")
    private @Nullable Integer context;

    @Option(
            names = "--replicas",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Contexts that share the requests, each with a thread of its own (default: ${DEFAULT-VALUE}).")
    private int replicas;

    @Option(
            names = "--gpu-monitor",
            paramLabel = "WHICH",
            defaultValue = "auto",
            description = "Cards of NVIDIA whose power, energy and clocks are measured: auto, those on which the model"
                    + " computes; all; off (default: ${DEFAULT-VALUE}).")
    private CardWatch.Which gpuMonitor = CardWatch.Which.AUTO;

    @Mixin
    private final MachineFlags machine = new MachineFlags();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "md",
            description = "Print tables in Markdown (md), or one object (json).")
    private Format format = Format.MD;

    BenchCommand(Terminal terminal) {
        super(terminal);
    }

    /** Bounds as they are written on the command line. */
    static final class Bounds implements ITypeConverter<GoodputBounds> {
        @Override
        public GoodputBounds convert(String text) {
            try {
                return GoodputBounds.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    @Override
    int run() throws IOException {
        check();
        BenchOptions options = new BenchOptions(
                promptTokens,
                generateTokens,
                requests,
                rate,
                targetLatency,
                sharedPrefix,
                goodput,
                pricePerHour,
                warmUp,
                seed,
                context,
                replicas);
        DefaultModel used = DefaultModel.of(model, terminal());
        try (Interruption interruption = Interruption.watch()) {
            BenchReport report = measure(options, used, interruption);
            if (format == Format.JSON) {
                out().println(Json.write(BenchJson.of(report)));
                out().flush();
            } else {
                new BenchText(out(), report).print();
            }
        } catch (CancellationException e) {
            terminal().err().println("cancelled");
        }
        return ExitCode.SUCCESS;
    }

    private BenchReport measure(BenchOptions options, DefaultModel used, Interruption interruption) {
        Instant date = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        MemoryPeaks memory = new MemoryPeaks();
        try (LlamaModel loaded = Models.load(used.file(), machine.modelOptions(), terminal(), interruption);
                CardWatch cards = CardWatch.open(gpuMonitor, loaded)) {
            BenchMeasurement measurement = new BenchMeasurement(options, machine, loaded, memory, cards);
            List<BenchRun> runs = new ArrayList<>();
            for (int count : parallel) {
                int all = options.requests(count);
                try (ProgressBar bar = new ProgressBar(terminal(), count + " in flight")) {
                    runs.add(measurement.run(
                            count,
                            done -> bar.show((float) done / all, ", %d of %d".formatted(done, all)),
                            interruption));
                }
            }
            BenchReport.Model facts =
                    new BenchReport.Model(used, loaded.description(), loaded.parameterCount(), loaded.sizeInBytes());
            return new BenchReport(date, facts, options, machine, runs);
        }
    }

    /** Names what cannot be before a large model is loaded. */
    private void check() {
        within("--replicas", replicas, 1, EngineOptions.MAX_REPLICAS);
        for (int count : parallel) {
            within("--parallel", count, 1, (long) replicas * Llama.maxSequences());
            if (requests != null) {
                within("--requests", requests, count, Integer.MAX_VALUE);
            }
        }
        within("--prompt-tokens", promptTokens, 1, MOST_TOKENS);
        within("--generate-tokens", generateTokens, 1, MOST_TOKENS);
        within("--shared-prefix", sharedPrefix, 0, promptTokens);
        if (context != null) {
            within("--context", context, replicas * ((long) promptTokens + generateTokens), Integer.MAX_VALUE);
        }
        positive("--rate", rate);
        positive("--target-latency-ms", targetLatency);
        positive("--price-per-hour", pricePerHour);
        if (!(warmUp >= 0 && warmUp <= MOST_SECONDS)) {
            throw new UsageException("--warm-up is %s, must be in [0, %d]".formatted(warmUp, MOST_SECONDS));
        }
    }

    private static void within(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new UsageException("%s is %d, must be %s"
                    .formatted(
                            name,
                            value,
                            most == Integer.MAX_VALUE ? least + " or more" : "in [%d, %d]".formatted(least, most)));
        }
    }

    private static void positive(String name, @Nullable Double value) {
        if (value != null && !(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new UsageException("%s is %s, must be positive".formatted(name, value));
        }
    }
}
