package io.github.panllama.bench;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.SamplingOptions;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.CompletionResult;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.EngineStats;
import io.github.panllama.engine.Generation;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Many more sessions than sequences: each has a turn, then some have another one, then all are saved, the process is
 * killed, and some have a turn in a new one. Every continuation is compared with the one that is computed anew; a
 * difference ends the benchmark with an error.
 */
public final class SessionsBenchmark {
    private static final int IN_FLIGHT = 64;
    private static final long SEED = 12;

    private final Path file;
    private final int count;
    private final int again;
    private final long memory;
    private final Path folder;

    private SessionsBenchmark(String[] args) {
        file = Path.of(args[0]);
        count = Integer.parseInt(args[1]);
        again = Integer.parseInt(args[2]);
        memory = Long.parseLong(args[3]) << 20;
        folder = Path.of(args[4]);
    }

    /**
     * Runs the benchmark.
     *
     * @param args a model, how many sessions, how many of them have a second turn, host memory for them in MiB, a folder
     *     for their files, and what to do: {@code fill}, which waits to be killed at its end, or {@code reopen}
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        SessionsBenchmark benchmark = new SessionsBenchmark(args);
        if (args[5].equals("fill")) {
            benchmark.fill();
            System.out.println("saved " + ProcessHandle.current().pid());
            Thread.currentThread().join();
        } else {
            benchmark.reopen();
        }
    }

    private LlamaModel load() {
        return LlamaModel.load(file, ModelOptions.builder().gpuLayers(0).build());
    }

    private LlamaEngine start(LlamaModel model) {
        return LlamaEngine.start(
                model,
                EngineOptions.builder()
                        .sessionMemory(memory)
                        .sessionFolder(folder)
                        .build());
    }

    private static CompletionRequest turn(String text) {
        return CompletionRequest.builder(text)
                .sampling(SamplingOptions.greedy())
                .maxTokens(24)
                .build();
    }

    private static CompletionRequest first(int i) {
        return turn("<｜User｜>My number is %d. Remember it.<｜Assistant｜>".formatted(10 + i % 990));
    }

    private static CompletionRequest second() {
        return turn("<｜User｜>What is my number?<｜Assistant｜>");
    }

    private static String id(int i) {
        return "session-" + i;
    }

    private void fill() throws IOException {
        try (LlamaModel model = load()) {
            LlamaEngine engine = start(model);
            List<Session> sessions = IntStream.range(0, count)
                    .mapToObj(i -> engine.openSession(id(i)))
                    .toList();
            long start = System.nanoTime();
            Peak peak = new Peak(engine);
            run(IntStream.range(0, count).boxed().toList(), i -> sessions.get(i).generate(first(i)), peak);
            report("one turn each", count, start, peak);

            List<Integer> some = someOf();
            Map<Integer, int[]> before = new HashMap<>();
            some.forEach(i -> before.put(i, sessions.get(i).tokens()));
            start = System.nanoTime();
            Map<Integer, CompletionResult> results =
                    run(some, i -> sessions.get(i).generate(second()), peak);
            report("a second turn", again, start, peak);
            compare(model, before, results);

            start = System.nanoTime();
            sessions.forEach(Session::save);
            report("saved", count, start, peak);
            try (Stream<Path> files = Files.list(folder)) {
                System.out.printf(
                        "on the disk: %,.1f MB%n",
                        files.mapToLong(path -> path.toFile().length()).sum() / 1e6);
            }
        }
    }

    private void reopen() {
        try (LlamaModel model = load();
                LlamaEngine engine = start(model)) {
            long start = System.nanoTime();
            List<Session> sessions = IntStream.range(0, count)
                    .mapToObj(i -> engine.openSession(id(i)))
                    .toList();
            Peak peak = new Peak(engine);
            report("reopened after the process was killed", count, start, peak);
            List<Integer> some = someOf();
            Map<Integer, int[]> before = new HashMap<>();
            some.forEach(i -> before.put(i, sessions.get(i).tokens()));
            start = System.nanoTime();
            Map<Integer, CompletionResult> results =
                    run(some, i -> sessions.get(i).generate(second()), peak);
            report("another turn", again, start, peak);
            compare(model, before, results);
        }
    }

    private List<Integer> someOf() {
        List<Integer> all = new ArrayList<>(IntStream.range(0, count).boxed().toList());
        Collections.shuffle(all, new Random(SEED));
        return all.subList(0, again);
    }

    /** The most host memory that sessions took. */
    private static final class Peak {
        private final LlamaEngine engine;
        private long bytes;

        Peak(LlamaEngine engine) {
            this.engine = engine;
        }

        void look() {
            bytes = Math.max(bytes, engine.stats().sessions().bytes());
        }
    }

    private static Map<Integer, CompletionResult> run(List<Integer> which, IntFunction<Generation> submit, Peak peak) {
        Map<Integer, CompletionResult> results = new HashMap<>();
        Deque<Map.Entry<Integer, Generation>> running = new ArrayDeque<>();
        for (int i : which) {
            if (running.size() == IN_FLIGHT) {
                finish(running.removeFirst(), results, peak);
            }
            running.addLast(Map.entry(i, submit.apply(i)));
        }
        while (!running.isEmpty()) {
            finish(running.removeFirst(), results, peak);
        }
        return results;
    }

    private static void finish(Map.Entry<Integer, Generation> one, Map<Integer, CompletionResult> results, Peak peak) {
        results.put(one.getKey(), one.getValue().await());
        peak.look();
    }

    private void report(String what, int howMany, long start, Peak peak) {
        double seconds = (System.nanoTime() - start) / 1e9;
        EngineStats.Sessions sessions = peak.engine.stats().sessions();
        System.out.printf(
                "%s: %,d sessions in %.1f s, %,.0f a second; in memory %,d, on the disk alone %,d; at most %.1f of %.1f MiB%n",
                what,
                howMany,
                seconds,
                howMany / seconds,
                sessions.inMemory(),
                sessions.onDisk(),
                peak.bytes / (double) (1 << 20),
                memory / (double) (1 << 20));
    }

    /** With what an engine without sessions and without a prefix cache says to the whole conversation. */
    private static void compare(LlamaModel model, Map<Integer, int[]> before, Map<Integer, CompletionResult> results) {
        EngineOptions plain = EngineOptions.builder().prefixCache(false).build();
        int[] added = model.tokenizer().encode("<｜User｜>What is my number?<｜Assistant｜>", false, true);
        Function<int[], CompletionRequest> whole = conversation -> CompletionRequest.builder(
                        IntStream.concat(IntStream.of(conversation), IntStream.of(added))
                                .toArray())
                .sampling(SamplingOptions.greedy())
                .maxTokens(24)
                .build();
        long cached = 0;
        try (LlamaEngine engine = LlamaEngine.start(model, plain)) {
            Peak none = new Peak(engine);
            Map<Integer, CompletionResult> expected = run(
                    List.copyOf(before.keySet()),
                    i -> engine.generate(whole.apply(Objects.requireNonNull(before.get(i)))),
                    none);
            for (Map.Entry<Integer, CompletionResult> one : results.entrySet()) {
                CompletionResult anew = Objects.requireNonNull(expected.get(one.getKey()));
                if (!anew.tokens().equals(one.getValue().tokens())) {
                    throw new IllegalStateException("session %d goes on with \"%s\", computed anew with \"%s\""
                            .formatted(one.getKey(), one.getValue().text(), anew.text()));
                }
                int length = Objects.requireNonNull(before.get(one.getKey())).length;
                cached += one.getValue().usage().cachedTokens() >= length - 1 ? 1 : 0;
            }
        }
        System.out.printf(
                "equal to what is computed anew: %,d of %,d; %,d computed their new tokens alone%n",
                results.size(), results.size(), cached);
    }
}
