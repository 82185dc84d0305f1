package io.github.panllama.bench;

import io.github.panllama.FlashAttention;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.SamplingOptions;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.Generation;
import io.github.panllama.engine.GenerationChunk;
import io.github.panllama.engine.IsolatedOptions;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.gguf.GgmlType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

/**
 * What it costs that an engine is in a process of its own, as a Markdown table: the same requests to one in this process
 * and to one in another, in turn. Both compute alike.
 */
public final class IsolatedBenchmark {
    private static final int IN_FLIGHT = 32;
    private static final int WARM_UP = 2;
    private static final int FEW_TOKENS = 8;
    private static final int MOST_CHARACTERS = 256;

    private final LlamaEngine engine;
    private final Load load;
    private final CompletionRequest endless;
    private final CompletionRequest few;
    private final List<Double> tokensPerSecond = new ArrayList<>();
    private final List<Double> firstTokens = new ArrayList<>();

    /**
     * What suits the speed of a model.
     *
     * @param tokens of each request
     * @param alone requests of a few tokens, one after the other
     * @param warmUp such requests before anything counts: what is done once for a request is compiled late
     * @param threads that compute
     */
    private record Load(int tokens, int alone, int warmUp, int threads) {
        static final Load SMALL = new Load(256, 100, 5000, 1);
        static final Load LARGE = new Load(48, 20, 1000, 2);
    }

    private IsolatedBenchmark(LlamaEngine engine, Load load) {
        this.engine = engine;
        this.load = load;
        endless = request(load.tokens);
        few = request(FEW_TOKENS);
    }

    private static CompletionRequest request(int tokens) {
        return CompletionRequest.builder("<｜User｜>Hello!<｜Assistant｜>")
                .sampling(SamplingOptions.greedy())
                .ignoreEndOfGeneration(true)
                .maxTokens(tokens)
                .build();
    }

    /**
     * Runs the benchmark.
     *
     * @param args how many rounds, and the file of a small model; without one, a model of 113 million parameters
     */
    public static void main(String[] args) throws InterruptedException {
        int rounds = Integer.parseInt(args[0]);
        if (args.length > 1) {
            run(Path.of(args[1]), rounds, Load.SMALL);
            return;
        }
        try (BenchmarkModel large = BenchmarkModel.writeLarge(GgmlType.Q8_0)) {
            run(large.file(), rounds, Load.LARGE);
        }
    }

    private static void run(Path file, int rounds, Load load) throws InterruptedException {
        ModelOptions options = ModelOptions.builder().gpuLayers(0).build();
        try (LlamaModel model = LlamaModel.load(file, options);
                LlamaEngine local = LlamaEngine.start(model, engineOptions(load));
                LlamaEngine isolated = LlamaEngine.startIsolated(
                        file,
                        IsolatedOptions.builder()
                                .model(options)
                                .engine(engineOptions(load))
                                .build())) {
            List<IsolatedBenchmark> both =
                    List.of(new IsolatedBenchmark(local, load), new IsolatedBenchmark(isolated, load));
            both.forEach(IsolatedBenchmark::warmUp);
            for (int i = 0; i < WARM_UP + rounds; i++) {
                // Whoever comes second may find the machine in another state.
                for (IsolatedBenchmark each : i % 2 == 0 ? both : both.reversed()) {
                    each.measure(i >= WARM_UP);
                }
            }
            report(both);
        }
    }

    /** Nothing is chosen by measuring, so that both have the same. */
    private static EngineOptions engineOptions(Load load) {
        return EngineOptions.builder()
                .sequences(IN_FLIGHT)
                .contextSize(IN_FLIGHT * 512)
                .context(context -> context.threads(load.threads)
                        .flashAttention(FlashAttention.DISABLED)
                        .unifiedKvCache(false))
                .build();
    }

    private void warmUp() {
        for (int i = 0; i < load.warmUp; i++) {
            microsecondsToFirstToken();
        }
    }

    private void measure(boolean counts) throws InterruptedException {
        double rate = throughput();
        List<Double> times = IntStream.range(0, load.alone)
                .mapToObj(_ -> microsecondsToFirstToken())
                .toList();
        if (counts) {
            tokensPerSecond.add(rate);
            firstTokens.addAll(times);
        }
    }

    /** Each reader has a thread of its own, as in a server. */
    private double throughput() throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(IN_FLIGHT);
        long start = System.nanoTime();
        for (int i = 0; i < IN_FLIGHT; i++) {
            Generation generation = engine.generate(endless);
            Thread.ofVirtual().start(() -> {
                for (GenerationChunk chunk : generation) {
                    if (chunk.text().length() > MOST_CHARACTERS) {
                        throw new IllegalStateException(
                                "a chunk of " + chunk.text().length() + " characters");
                    }
                }
                ended.countDown();
            });
        }
        ended.await();
        return IN_FLIGHT * load.tokens / ((System.nanoTime() - start) / 1e9);
    }

    private double microsecondsToFirstToken() {
        long start = System.nanoTime();
        Generation generation = engine.generate(few);
        Iterator<GenerationChunk> chunks = generation.iterator();
        chunks.next();
        double microseconds = (System.nanoTime() - start) / 1e3;
        generation.await();
        return microseconds;
    }

    private static void report(List<IsolatedBenchmark> both) {
        IsolatedBenchmark local = both.getFirst();
        IsolatedBenchmark isolated = both.getLast();
        System.out.println("| | in this process | isolated | difference |");
        System.out.println("|---|---:|---:|---:|");
        line(
                "tokens/s, %d requests of %d tokens".formatted(IN_FLIGHT, local.load.tokens),
                median(local.tokensPerSecond),
                median(isolated.tokensPerSecond));
        line("µs to the first token, alone", median(local.firstTokens), median(isolated.firstTokens));
        line("the fastest tenth of that", fastest(local.firstTokens), fastest(isolated.firstTokens));
        System.out.printf(
                "%nmedians of %d rounds; load average %s%n", local.tokensPerSecond.size(), Numbers.loadAverage());
    }

    private static void line(String what, double here, double there) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %,.0f | %,.0f | %+,.0f, %+.1f %% |%n",
                what,
                here,
                there,
                there - here,
                100 * (there / here - 1));
    }

    /** What a tenth of the values stays under: what else the machine does shows least there. */
    private static double fastest(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 10);
    }

    private static double median(List<Double> values) {
        return Numbers.median(values.stream().mapToDouble(Double::doubleValue));
    }
}
