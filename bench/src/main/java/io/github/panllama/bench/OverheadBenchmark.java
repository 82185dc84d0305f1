package io.github.panllama.bench;

import io.github.panllama.LlamaModel;
import io.github.panllama.gguf.GgmlType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Compares the decode loop in Java with the same loop in C, and prints Markdown tables.
 *
 * <p>A pair is a new context in this JVM and two new C processes: one over {@code llama.h}, as a C program is written,
 * and one over the two shim functions that the API calls. Within a pair the three take turns, each of them first in a
 * third of the rounds, so that the machine's moods meet all alike. A pair's ratio is the median over its rounds of
 * Java's speed divided by C's in the same round. All must sample the same ids.
 */
public final class OverheadBenchmark {
    private static final int ROUNDS = 12;

    private final Path programs;
    private final int pairs;

    /** A run of each side, one right after the other. */
    private record Round(Run java, Run llama, Run shim) {}

    /** A line of the tables: its first cells, and the rounds of each pair. */
    private record Line(String label, Workload workload, List<List<Round>> pairs) {}

    private OverheadBenchmark(Path programs, int pairs) {
        this.programs = programs;
        this.pairs = pairs;
    }

    /**
     * Runs the benchmark.
     *
     * @param args the folder of the compiled C programs, how many pairs to run for each line of the tables, and, for a
     *     single line, its weights and number of sequences
     */
    public static void main(String[] args) {
        OverheadBenchmark benchmark = new OverheadBenchmark(Path.of(args[0]), Integer.parseInt(args[1]));
        if (args.length == 4) {
            benchmark.run(List.of(GgmlType.valueOf(args[2])), List.of(Integer.parseInt(args[3])));
        } else {
            benchmark.run(List.of(GgmlType.F32, GgmlType.Q8_0), List.of(1, 8, 32));
        }
    }

    private void run(List<GgmlType> allWeights, List<Integer> allSequences) {
        System.out.println("Load average before: " + Numbers.loadAverage());
        List<Line> lines = new ArrayList<>();
        for (GgmlType weights : allWeights) {
            try (BenchmarkModel file = BenchmarkModel.write(weights);
                    LlamaModel model = LlamaModel.load(file.file())) {
                for (int sequences : allSequences) {
                    lines.add(measure(weights + " | " + sequences, model, file.file(), Workload.of(sequences)));
                }
            }
        }
        System.out.println("Load average after: " + Numbers.loadAverage());
        print("By the clock", lines, Run::nanos);
        print("By the processor time of the thread", lines, Run::cpuNanos);
    }

    private Line measure(String label, LlamaModel model, Path file, Workload workload) {
        warmUp(model, workload);
        Line line = new Line(label, workload, new ArrayList<>());
        for (int i = 0; i < pairs; i++) {
            line.pairs().add(pair(model, file, workload));
        }
        System.err.printf("%s: %s%n", label, ratio(line, Run::nanos, Round::llama));
        return line;
    }

    /** Until the JIT compiler has done what it will do. */
    private static void warmUp(LlamaModel model, Workload workload) {
        try (DecodeLoop java = new DecodeLoop(model, workload)) {
            for (int i = 0; i < Math.max(8, 60 / workload.sequences()); i++) {
                java.run();
            }
        }
    }

    private List<Round> pair(LlamaModel model, Path file, Workload workload) {
        try (DecodeLoop java = new DecodeLoop(model, workload);
                CLoop llama = new CLoop(programs.resolve("decode_loop"), file, workload);
                CLoop shim = new CLoop(programs.resolve("decode_loop_shim"), file, workload)) {
            round(0, java, llama, shim);
            List<Round> rounds = new ArrayList<>();
            for (int i = 0; i < ROUNDS; i++) {
                rounds.add(round(i, java, llama, shim));
            }
            return rounds;
        }
    }

    private static Round round(int number, DecodeLoop java, CLoop llama, CLoop shim) {
        Run[] runs = new Run[3];
        for (int i = 0; i < runs.length; i++) {
            int side = (number + i) % runs.length;
            runs[side] = side == 0 ? java.run() : side == 1 ? llama.run() : shim.run();
        }
        if (runs[1].checksum() != runs[0].checksum() || runs[2].checksum() != runs[0].checksum()) {
            throw new IllegalStateException("Java and C sample different ids");
        }
        return new Round(runs[0], runs[1], runs[2]);
    }

    private static void print(String title, List<Line> lines, ToLongFunction<Run> time) {
        System.out.printf("%n%s:%n%n", title);
        System.out.println("| weights | sequences | Java, tokens/s | C, tokens/s | Java / C: median | min to max |"
                + " Java / C over the shim: median | min to max |");
        System.out.println("|---|---:|---:|---:|---:|---|---:|---|");
        for (Line line : lines) {
            Workload workload = line.workload();
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %,.0f | %,.0f | %s | %s |%n",
                    line.label(),
                    speed(line, workload, round -> time.applyAsLong(round.java())),
                    speed(line, workload, round -> time.applyAsLong(round.llama())),
                    ratio(line, time, Round::llama),
                    ratio(line, time, Round::shim));
        }
    }

    private static double speed(Line line, Workload workload, ToLongFunction<Round> nanos) {
        double median =
                Numbers.median(line.pairs().stream().flatMap(List::stream).mapToDouble(nanos::applyAsLong));
        return workload.timedTokens() * 1e9 / median;
    }

    private static String ratio(Line line, ToLongFunction<Run> time, Function<Round, Run> side) {
        double[] ratios = line.pairs().stream()
                .mapToDouble(rounds -> Numbers.median(rounds.stream()
                        .mapToDouble(round ->
                                (double) time.applyAsLong(side.apply(round)) / time.applyAsLong(round.java()))))
                .sorted()
                .toArray();
        return String.format(
                Locale.ROOT,
                "%.3f | %.3f to %.3f",
                Numbers.median(Arrays.stream(ratios)),
                ratios[0],
                ratios[ratios.length - 1]);
    }
}
