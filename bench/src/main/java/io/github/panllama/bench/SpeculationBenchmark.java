package io.github.panllama.bench;

import io.github.panllama.FlashAttention;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.SamplingOptions;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.CompletionResult;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.Generation;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Speculation;
import io.github.panllama.evaluation.QuestionFile;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What speculation gives where text repeats itself, as a Markdown table: greedy generations by an engine, without and with
 * guesses, in turn. All must generate the same tokens.
 *
 * <p>Two models. The bundled one repeats its prompts, as it was trained to; it is so small that a row more in a step costs
 * nearly as much as a step. The other one has 30 million parameters, which come from memory in each step, so that a row
 * more costs little; its text goes round in a circle.
 */
public final class SpeculationBenchmark {
    private static final String SKILL = "repeat";
    private static final int QUESTIONS = 64;
    private static final int PROMPTS = 4;
    private static final int PROMPT = 64;
    private static final int TOKENS = 128;
    private static final int CELLS = 512;

    private final int rounds;

    /** A way to guess. */
    private record Mode(String label, @Nullable Speculation speculation) {}

    /** What one round gave. */
    private record Measurement(double tokensPerSecond, double tokensPerCpuSecond, long drafted, long accepted) {
        static Measurement of(List<CompletionResult> results, double seconds, double cpuSeconds) {
            long tokens = sum(results, result -> result.usage().generatedTokens());
            return new Measurement(
                    tokens / seconds,
                    tokens / cpuSeconds,
                    sum(results, result -> result.usage().draftedTokens()),
                    sum(results, result -> result.usage().acceptedTokens()));
        }

        private static long sum(List<CompletionResult> results, ToLongFunction<CompletionResult> figure) {
            return results.stream().mapToLong(figure).sum();
        }

        String acceptance() {
            return drafted == 0 ? "" : "%,d of %,d, %.0f %%".formatted(accepted, drafted, 100.0 * accepted / drafted);
        }
    }

    private SpeculationBenchmark(int rounds) {
        this.rounds = rounds;
    }

    /**
     * Runs the benchmark.
     *
     * @param args the bundled model, its questions, and how often each line is measured
     */
    public static void main(String[] args) throws IOException {
        SpeculationBenchmark benchmark = new SpeculationBenchmark(Integer.parseInt(args[2]));
        System.out.println("| model | at a time | guesses | tokens/s | by processor time | of plain | guesses right |");
        System.out.println("|---|---:|---|---:|---:|---:|---:|");
        try (LlamaModel model = load(Path.of(args[0]))) {
            List<Supplier<CompletionRequest.Builder>> prompts = QuestionFile.read(Path.of(args[1]), model).stream()
                    .filter(question -> question.skill().equals(SKILL))
                    .limit(QUESTIONS)
                    .map(question ->
                            request(model.tokenizer().encode(question.prompt().orElseThrow()), question.maxTokens()))
                    .toList();
            benchmark.run("bundled", model, prompts);
        }
        Path file = Files.createTempFile("panllama-bench", ".gguf");
        try {
            CircularModel.write(file);
            try (LlamaModel model = load(file)) {
                List<Supplier<CompletionRequest.Builder>> prompts = IntStream.range(0, PROMPTS)
                        .mapToObj(
                                i -> request(new Random(i).ints(PROMPT, 10, 400).toArray(), TOKENS))
                        .toList();
                benchmark.run("30 M", model, prompts);
            }
        } finally {
            Files.delete(file);
        }
    }

    private static Supplier<CompletionRequest.Builder> request(int[] prompt, int maxTokens) {
        return () -> CompletionRequest.builder(prompt).maxTokens(maxTokens).sampling(SamplingOptions.greedy());
    }

    private static LlamaModel load(Path file) {
        return LlamaModel.load(file, ModelOptions.builder().gpuLayers(0).build());
    }

    private void run(String name, LlamaModel model, List<Supplier<CompletionRequest.Builder>> prompts) {
        List<Mode> modes = List.of(
                new Mode("none", null),
                new Mode("n-gram", Speculation.ngram()),
                new Mode("n-gram, 2 and up to 16", Speculation.ngram(2, 16)),
                new Mode("the model's own", Speculation.draftModel(model)));
        for (int sequences : new int[] {1, 4}) {
            print(name + " | " + sequences, modes, measure(model, prompts, sequences, modes));
        }
    }

    /** Each mode once a round, so that the machine's moods meet all alike. */
    private List<List<Measurement>> measure(
            LlamaModel model, List<Supplier<CompletionRequest.Builder>> prompts, int sequences, List<Mode> modes) {
        List<List<Measurement>> all = new ArrayList<>();
        modes.forEach(_ -> all.add(new ArrayList<>()));
        EngineOptions options = EngineOptions.builder()
                .sequences(sequences)
                .contextSize(sequences * CELLS)
                .prefixCache(false)
                .context(context -> context.threads(1).flashAttention(FlashAttention.DISABLED))
                .build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            List<CompletionResult> expected = generate(engine, prompts, modes.getFirst());
            for (int round = 0; round <= rounds; round++) {
                for (int i = 0; i < modes.size(); i++) {
                    long cpu = engineNanos();
                    long start = System.nanoTime();
                    List<CompletionResult> results = generate(engine, prompts, modes.get(i));
                    double seconds = (System.nanoTime() - start) / 1e9;
                    double cpuSeconds = (engineNanos() - cpu) / 1e9;
                    check(results, expected);
                    if (round > 0) { // the first one warms up
                        all.get(i).add(Measurement.of(results, seconds, cpuSeconds));
                    }
                }
            }
        }
        return all;
    }

    private static List<CompletionResult> generate(
            LlamaEngine engine, List<Supplier<CompletionRequest.Builder>> prompts, Mode mode) {
        List<Generation> generations = new ArrayList<>();
        for (Supplier<CompletionRequest.Builder> prompt : prompts) {
            CompletionRequest.Builder request = prompt.get();
            if (mode.speculation() != null) {
                request.speculation(mode.speculation());
            }
            generations.add(engine.generate(request.build()));
        }
        return generations.stream().map(Generation::await).toList();
    }

    private static void check(List<CompletionResult> results, List<CompletionResult> expected) {
        for (int i = 0; i < results.size(); i++) {
            if (!results.get(i).tokens().equals(expected.get(i).tokens())) {
                throw new IllegalStateException("Generation " + i + " is another one than without guesses");
            }
        }
    }

    /** The engine's thread, which is the one that computes: what else the machine does shows less in its own time. */
    private static long engineNanos() {
        Thread thread = Thread.getAllStackTraces().keySet().stream()
                .filter(each -> each.getName().equals("panllama-engine"))
                .findFirst()
                .orElseThrow();
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId());
    }

    private static void print(String label, List<Mode> modes, List<List<Measurement>> all) {
        double plain = median(all.getFirst(), Measurement::tokensPerCpuSecond);
        for (int i = 0; i < modes.size(); i++) {
            List<Measurement> each = all.get(i);
            double byCpu = median(each, Measurement::tokensPerCpuSecond);
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %s | %,.0f | %,.0f | %.2f | %s |%n",
                    label,
                    modes.get(i).label(),
                    median(each, Measurement::tokensPerSecond),
                    byCpu,
                    byCpu / plain,
                    each.getFirst().acceptance());
        }
    }

    private static double median(List<Measurement> measurements, ToDoubleFunction<Measurement> figure) {
        return Numbers.median(measurements.stream().mapToDouble(figure));
    }
}
