package io.github.panllama.bench;

import io.github.panllama.LlamaModel;
import io.github.panllama.cli.bench.LoadGenerator;
import io.github.panllama.cli.bench.Prompts;
import io.github.panllama.gguf.GgmlType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Compares the engine under load with llama.cpp's own programs over the same libraries, and prints a Markdown table.
 *
 * <p>For each number of requests in flight a short first pass finds the best setting of each peer; the engine has its
 * defaults. Then all take turns, each of them first in a third of the rounds, so that the machine's moods meet all
 * alike. A ratio is taken round by round; its median counts.
 */
public final class PeersBenchmark {
    private static final int TRIES = 2;

    private final Path programs;
    private final int rounds;
    private final List<Integer> inFlight;
    private final List<String> table = new ArrayList<>();

    /** A model, and what is asked of it. */
    private enum Model {
        SMALL(16, 128) {
            @Override
            BenchmarkModel write() {
                return BenchmarkModel.write(GgmlType.Q8_0);
            }
        },
        LARGE(16, 48) {
            @Override
            BenchmarkModel write() {
                return BenchmarkModel.writeLarge(GgmlType.Q8_0);
            }
        };

        private final int prompt;
        private final int generate;

        Model(int prompt, int generate) {
            this.prompt = prompt;
            this.generate = generate;
        }

        abstract BenchmarkModel write();

        PeerWorkload workload(int parallel) {
            return new PeerWorkload(prompt, generate, parallel);
        }
    }

    /**
     * What one round gave, in tokens a second.
     *
     * @param decode the engine's decode alone, sampling included
     * @param output the engine's under load
     * @param batched that of llama-batched-bench
     * @param server that of llama-server under the same load
     */
    private record Round(double decode, double output, double batched, double server) {}

    private PeersBenchmark(Path programs, int rounds, List<Integer> inFlight) {
        this.programs = programs.toAbsolutePath();
        this.rounds = rounds;
        this.inFlight = inFlight;
    }

    /**
     * Runs the benchmark.
     *
     * @param args the folder of the peers' programs, the number of rounds, the models, and the numbers of requests in
     *     flight, with commas between them
     */
    public static void main(String[] args) {
        PeersBenchmark benchmark = new PeersBenchmark(
                Path.of(args[0]),
                Integer.parseInt(args[1]),
                Stream.of(args[3].split(",", -1)).map(Integer::valueOf).toList());
        List<Model> models = new ArrayList<>();
        for (String name : args[2].split(",", -1)) {
            models.add(Model.valueOf(name.toUpperCase(Locale.ROOT)));
        }
        System.out.println("Load average before: " + Numbers.loadAverage());
        models.forEach(benchmark::run);
        System.out.println("Load average after: " + Numbers.loadAverage());
        benchmark.print();
    }

    private void run(Model name) {
        try (BenchmarkModel file = name.write();
                LlamaModel model = LlamaModel.load(file.file())) {
            for (int parallel : inFlight) {
                PeerWorkload workload = name.workload(parallel);
                Prompts prompts = new Prompts(model.tokenizer(), workload.prompt(), 0, 1);
                String label =
                        "%s, %s | %d".formatted(name.name().toLowerCase(Locale.ROOT), model.description(), parallel);
                table.add(line(label, model, file.file(), workload, prompts));
            }
        }
    }

    private String line(String label, LlamaModel model, Path file, PeerWorkload workload, Prompts prompts) {
        BatchedBench batched = new BatchedBench(programs, file);
        PeerSetting bestBatched = best(setting -> batched.tokensPerSecond(workload.brief(), setting));
        PeerSetting bestServer = best(setting -> tryServer(file, workload.brief(), setting, prompts));
        System.err.printf("%s: llama-batched-bench %s; llama-server %s%n", label, bestBatched, bestServer);
        List<Round> all = new ArrayList<>();
        try (EngineSide engine = new EngineSide(model, workload, prompts);
                LlamaServer server = LlamaServer.start(programs, file, workload, bestServer)) {
            LoadGenerator load = new LoadGenerator(server, count -> {});
            engine.warmUp();
            EngineSide.outputTokensPerSecond(load, workload, prompts);
            for (int i = 0; i < rounds; i++) {
                double[] speeds = new double[4];
                for (int turn = 0; turn < 3; turn++) {
                    switch ((i + turn) % 3) {
                        case 0 -> {
                            speeds[0] = engine.decodeTokensPerSecond();
                            speeds[1] = engine.outputTokensPerSecond();
                        }
                        case 1 -> speeds[2] = batched.tokensPerSecond(workload, bestBatched);
                        default -> speeds[3] = EngineSide.outputTokensPerSecond(load, workload, prompts);
                    }
                }
                all.add(new Round(speeds[0], speeds[1], speeds[2], speeds[3]));
                System.err.printf(Locale.ROOT, "%s: round %d of %d: %s%n", label, i + 1, rounds, all.getLast());
            }
        }
        return row(label, all, bestBatched, bestServer);
    }

    /** The setting whose fastest try is the fastest. */
    private static PeerSetting best(ToDoubleFunction<PeerSetting> speed) {
        PeerSetting best = null;
        double fastest = 0;
        for (PeerSetting setting : PeerSetting.all()) {
            double tried = 0;
            // What is far behind at first is not looked at again.
            for (int i = 0; i < TRIES && (i == 0 || tried >= fastest / 2); i++) {
                tried = Math.max(tried, speed.applyAsDouble(setting));
                if (best == null || tried > fastest) {
                    best = setting;
                    fastest = tried;
                }
            }
        }
        return Objects.requireNonNull(best);
    }

    private double tryServer(Path file, PeerWorkload workload, PeerSetting setting, Prompts prompts) {
        try (LlamaServer server = LlamaServer.start(programs, file, workload, setting)) {
            return EngineSide.outputTokensPerSecond(new LoadGenerator(server, count -> {}), workload, prompts);
        }
    }

    private static String row(String label, List<Round> rounds, PeerSetting batched, PeerSetting server) {
        return String.format(
                Locale.ROOT,
                "| %s | %,.0f | %,.0f | %,.0f (%s) | %s | %s | %,.0f (%s) | %s |",
                label,
                median(rounds, Round::decode),
                median(rounds, Round::output),
                median(rounds, Round::batched),
                batched,
                ratio(rounds, round -> round.decode() / round.batched()),
                ratio(rounds, round -> round.output() / round.batched()),
                median(rounds, Round::server),
                server,
                ratio(rounds, round -> round.output() / round.server()));
    }

    private static double median(List<Round> rounds, ToDoubleFunction<Round> figure) {
        return Numbers.median(rounds.stream().mapToDouble(figure));
    }

    private static String ratio(List<Round> rounds, ToDoubleFunction<Round> ratio) {
        return String.format(
                Locale.ROOT,
                "%.3f (%.3f to %.3f)",
                median(rounds, ratio),
                rounds.stream().mapToDouble(ratio).min().orElseThrow(),
                rounds.stream().mapToDouble(ratio).max().orElseThrow());
    }

    private void print() {
        System.out.println();
        System.out.println(
                "| model | in flight | engine, decode t/s | engine, output t/s | llama-batched-bench, decode t/s"
                        + " | decode / batched-bench | output / batched-bench | llama-server, output t/s | output / server |");
        System.out.println("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        table.forEach(System.out::println);
    }
}
