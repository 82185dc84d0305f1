package io.github.panllama.bench;

import io.github.panllama.FlashAttention;
import io.github.panllama.LlamaModel;
import io.github.panllama.embedding.Embedder;
import io.github.panllama.embedding.EmbedderOptions;
import io.github.panllama.gguf.GgmlType;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Embeds many short texts in Java, by {@link Embedder}, and in C, by {@code embed_loop.c}, and prints a Markdown table.
 *
 * <p>Both turn texts into tokens, pack them into batches of as many tokens, and scale the results to length 1, on one
 * thread. They take turns, each of them first in every other round. A ratio is Java's speed divided by C's in the same
 * round. The embeddings must be the same within {@value #TOLERANCE}, in batches as in C's batches, and alone as in C alone.
 * Without flash attention those of the small model must be so across both, too.
 */
public final class EmbeddingsBenchmark {
    private static final int TEXTS = 10_000;
    private static final int BATCH_SIZE = 512;
    private static final double TOLERANCE = 1e-5;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private static final List<String> WORDS = List.of(
            "the water of a long day is not what they make when all were with their hand on it, from one to two more"
                    .split(" "));

    /** A run of each side, one right after the other. */
    private record Round(Run java, Run c) {
        double ratio(ToLongFunction<Run> time) {
            return (double) time.applyAsLong(c) / time.applyAsLong(java);
        }
    }

    private final Path program;
    private final int rounds;

    private EmbeddingsBenchmark(Path program, int rounds) {
        this.program = program;
        this.rounds = rounds;
    }

    /**
     * Runs the benchmark.
     *
     * @param args the compiled C program, how many rounds, and which models: small, large, or both with a comma
     */
    public static void main(String[] args) throws IOException {
        EmbeddingsBenchmark benchmark = new EmbeddingsBenchmark(Path.of(args[0]), Integer.parseInt(args[1]));
        List<String> texts = texts();
        Path file = Files.createTempFile("panllama-bench", ".texts");
        try {
            Files.write(file, texts);
            System.out.println("Load average before: " + Numbers.loadAverage());
            System.out.println();
            System.out.println(
                    "| model | flash attention | texts | tokens | Java, texts/s | C, texts/s | Java / C: median | min to max |"
                            + " by processor time: median | min to max | largest difference: batches | alone | Java alone, C batches |");
            System.out.println("|---|---|---:|---:|---:|---:|---:|---|---:|---|---:|---:|---:|");
            List<String> models = List.of(args[2].split(","));
            if (models.contains("small")) {
                try (BenchmarkModel model = BenchmarkModel.writeEncoder(GgmlType.F32)) {
                    benchmark.measure("small", true, model.file(), texts, file);
                    benchmark.measure("small", false, model.file(), texts, file);
                }
            }
            if (models.contains("large")) {
                try (BenchmarkModel model = BenchmarkModel.writeLargeEncoder(GgmlType.F32)) {
                    benchmark.measure("large", true, model.file(), texts, file);
                }
            }
            System.out.println();
            System.out.println("Load average after: " + Numbers.loadAverage());
        } finally {
            Files.delete(file);
        }
    }

    /** 3 to 16 words each. */
    private static List<String> texts() {
        Random random = new Random(5);
        return IntStream.range(0, TEXTS)
                .mapToObj(i -> IntStream.range(0, 3 + random.nextInt(14))
                        .mapToObj(j -> WORDS.get(random.nextInt(WORDS.size())))
                        .collect(Collectors.joining(" ")))
                .toList();
    }

    private void measure(String name, boolean flash, Path file, List<String> texts, Path textFile) {
        EmbedderOptions options = EmbedderOptions.builder()
                .context(context -> context.flashAttention(flash ? FlashAttention.AUTO : FlashAttention.DISABLED))
                .batchSize(BATCH_SIZE)
                .maxTokens(BATCH_SIZE)
                .threads(1)
                .build();
        try (LlamaModel model = LlamaModel.load(file);
                Embedder embedder = Embedder.of(model, options);
                CEmbedder c = new CEmbedder(program, file, BATCH_SIZE, flash, textFile)) {
            List<float[]> batches = embedder.embed(texts); // the JIT compiler sees all of it once
            List<float[]> alone = texts.stream().map(embedder::embed).toList();
            List<float[]> inC = c.embeddings(false, embedder.dimensions());
            double[] differences = {
                check(difference(batches, inC)),
                check(difference(alone, c.embeddings(true, embedder.dimensions()))),
                flash ? difference(alone, inC) : check(difference(alone, inC))
            };
            List<Round> measured = new ArrayList<>();
            for (int i = 0; i < rounds; i++) {
                measured.add(i % 2 == 0 ? javaFirst(embedder, texts, c) : cFirst(embedder, texts, c));
            }
            int tokens = texts.stream()
                    .mapToInt(text -> embedder.tokenize(text).length)
                    .sum();
            print(name + (flash ? " | on" : " | off"), tokens, measured, differences);
        }
    }

    private static Round javaFirst(Embedder embedder, List<String> texts, CEmbedder c) {
        Run java = run(embedder, texts);
        return new Round(java, c.run());
    }

    private static Round cFirst(Embedder embedder, List<String> texts, CEmbedder c) {
        Run first = c.run();
        return new Round(run(embedder, texts), first);
    }

    private static Run run(Embedder embedder, List<String> texts) {
        long beginCpu = THREADS.getCurrentThreadCpuTime();
        long begin = System.nanoTime();
        List<float[]> embeddings = embedder.embed(texts);
        long end = System.nanoTime();
        long endCpu = THREADS.getCurrentThreadCpuTime();
        return new Run(end - begin, endCpu - beginCpu, embeddings.size());
    }

    /** The largest difference of a number. */
    private static double difference(List<float[]> java, List<float[]> c) {
        if (java.size() != c.size()) {
            throw new IllegalStateException("Java has %d embeddings, C has %d".formatted(java.size(), c.size()));
        }
        double largest = 0;
        for (int i = 0; i < java.size(); i++) {
            for (int d = 0; d < java.get(i).length; d++) {
                largest = Math.max(largest, Math.abs((double) java.get(i)[d] - c.get(i)[d]));
            }
        }
        return largest;
    }

    private static double check(double difference) {
        if (!(difference <= TOLERANCE)) {
            throw new IllegalStateException("An embedding of Java differs from C's by " + difference);
        }
        return difference;
    }

    private static void print(String name, int tokens, List<Round> rounds, double... differences) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %,d | %,d | %,.0f | %,.0f | %s | %s | %s |%n",
                name,
                TEXTS,
                tokens,
                speed(rounds, Round::java),
                speed(rounds, Round::c),
                ratio(rounds, Run::nanos),
                ratio(rounds, Run::cpuNanos),
                Arrays.stream(differences)
                        .mapToObj(difference -> String.format(Locale.ROOT, "%.1e", difference))
                        .collect(Collectors.joining(" | ")));
    }

    private static double speed(List<Round> rounds, Function<Round, Run> side) {
        return TEXTS
                * 1e9
                / Numbers.median(
                        rounds.stream().mapToDouble(round -> side.apply(round).nanos()));
    }

    private static String ratio(List<Round> rounds, ToLongFunction<Run> time) {
        double[] ratios =
                rounds.stream().mapToDouble(round -> round.ratio(time)).sorted().toArray();
        return String.format(
                Locale.ROOT,
                "%.3f | %.3f to %.3f",
                Numbers.median(Arrays.stream(ratios)),
                ratios[0],
                ratios[ratios.length - 1]);
    }
}
