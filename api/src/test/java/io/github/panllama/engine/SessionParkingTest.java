package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** More sessions than sequences. */
class SessionParkingTest {
    private static final long SMALL = 1_000_000;

    private static LlamaModel model;
    private static Turns turns;

    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        model = EngineFixture.model();
        turns = new Turns(model);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** More sessions than sequences, in memory alone, on the disk too, or nowhere; unified and in rooms of their own. */
    @ParameterizedTest
    @CsvSource({
        "1000000000, false, true",
        "1000000000, false, false",
        "1000000, true, true",
        "1000000, true, false",
        "0, true, true",
        "1000000, false, true",
        "0, false, false"
    })
    void sessionsComeBackAsTheyWere(long memory, boolean disk, boolean unified) throws Exception {
        EngineOptions.Builder builder = options()
                .sequences(3)
                .contextSize(3 * 768)
                .sessionMemory(memory)
                .context(context -> EngineFixture.fixed(context).unifiedKvCache(unified));
        EngineOptions options = (disk ? builder.sessionFolder(folder.resolve("sessions")) : builder).build();
        int count = 30;
        Random random = new Random(7);
        Map<Integer, int[]> before = new HashMap<>();
        Map<Integer, CompletionResult> second = new HashMap<>();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            List<Session> sessions = IntStream.range(0, count)
                    .mapToObj(i -> engine.openSession("session-" + i))
                    .toList();
            List<Generation> firsts = IntStream.range(0, count)
                    .mapToObj(i -> sessions.get(i).generate(turns.turn(i)))
                    .toList();
            for (Generation first : firsts) {
                get(first.result());
                assertThat(engine.stats().sessions().bytes()).isLessThanOrEqualTo(memory);
            }
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, count).boxed().toList());
            Collections.shuffle(order, random);
            Map<Integer, Generation> running = new HashMap<>();
            for (int i : order) {
                before.put(i, sessions.get(i).tokens());
                running.put(i, sessions.get(i).generate(turns.turn(i + 1)));
            }
            for (int i : order) {
                second.put(i, get(running.get(i).result()));
                assertThat(engine.stats().sessions().bytes()).isLessThanOrEqualTo(memory);
            }
            boolean keepsAll = memory > SMALL || (disk && memory > 0);
            long restored = second.values().stream()
                    .filter(result -> result.usage().cachedTokens() > 0)
                    .count();
            if (keepsAll) {
                order.forEach(i -> assertThat(second.get(i).usage().cachedTokens())
                        .isGreaterThanOrEqualTo(before.get(i).length - 1));
            } else {
                assertThat(restored).isLessThan(count);
            }
            assertThat(engine.stats().sessions().open()).isEqualTo(count);
            sessions.forEach(Session::close);
            assertThat(engine.stats().sessions()).isEqualTo(new EngineStats.Sessions(0, 0, 0, 0));
        }
        try (LlamaEngine alone = LlamaEngine.start(
                model,
                options().sequences(1).contextSize(4096).prefixCache(false).build())) {
            for (int i = 0; i < count; i++) {
                assertThat(second.get(i).tokens())
                        .isEqualTo(turns.continuation(alone, before.get(i), turns.turn(i + 1)));
            }
        }
        if (disk) {
            try (var files = Files.list(folder.resolve("sessions"))) {
                assertThat(files.map(file -> file.getFileName().toString())).containsExactly(".lock");
            }
        }
    }

    /** Also where a memory cannot be cut or shared, as a recurrent one. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NOMIC_BERT", "BERT"})
    void everyArchitectureComesBack(Architecture architecture) throws Exception {
        Path file = folder.resolve("model.gguf");
        SyntheticModel.builder(architecture).write(file);
        for (boolean unified : new boolean[] {true, false}) {
            EngineOptions options = EngineOptions.builder()
                    .sequences(2)
                    .contextSize(1024)
                    .sessionMemory(1 << 20)
                    .sessionFolder(folder.resolve("sessions-" + unified))
                    .context(context -> EngineFixture.fixed(context).unifiedKvCache(unified))
                    .build();
            try (LlamaModel synthetic = LlamaModel.load(file);
                    LlamaEngine engine = LlamaEngine.start(synthetic, options)) {
                List<Session> sessions = IntStream.range(0, 6)
                        .mapToObj(i -> engine.openSession("s" + i))
                        .toList();
                CompletionRequest request = CompletionRequest.builder(
                                new Random(3).ints(40, 3, 400).toArray())
                        .sampling(SamplingOptions.greedy())
                        .maxTokens(8)
                        .build();
                List<List<Integer>> firsts = everyone(sessions, request);
                List<List<Integer>> seconds = everyone(sessions, request);
                assertThat(firsts).containsOnly(firsts.getFirst());
                assertThat(seconds).containsOnly(seconds.getFirst());
                sessions.forEach(Session::close);
            }
        }
    }

    private static List<List<Integer>> everyone(List<Session> sessions, CompletionRequest request) throws Exception {
        List<Generation> generations =
                sessions.stream().map(session -> session.generate(request)).toList();
        List<List<Integer>> tokens = new ArrayList<>();
        for (Generation generation : generations) {
            tokens.add(get(generation.result()).tokens());
        }
        return tokens;
    }

    /** One session after another needs the place of one that begins alike. */
    @Test
    void sessionsThatBeginAlikeMakeRoomForEachOther() throws Exception {
        String system = "<｜User｜>" + "The rules are long. ".repeat(20) + "<｜Assistant｜>";
        CompletionRequest first =
                greedy(system).maxTokens(150).ignoreEndOfGeneration(true).build();
        for (boolean disk : new boolean[] {true, false}) {
            EngineOptions.Builder builder = options().sequences(2).contextSize(512);
            EngineOptions options = (disk ? builder.sessionFolder(folder.resolve("alike")) : builder).build();
            try (LlamaEngine engine = LlamaEngine.start(model, options)) {
                for (int i = 0; i < 4; i++) {
                    Session session = engine.openSession("alike-" + i);
                    get(session.generate(first).result());
                }
                CompletionRequest other = greedy(system + "Other")
                        .maxTokens(150)
                        .ignoreEndOfGeneration(true)
                        .build();
                assertThat(get(engine.generate(other).result()).tokens()).hasSize(150);
                engine.sessions().forEach(Session::close);
            }
        }
    }

    /** Everything at the same time, with little memory and one folder. */
    @Test
    void manyThreadsUseManySessions() throws Exception {
        EngineOptions options = options()
                .sequences(3)
                .contextSize(3 * 768)
                .sessionMemory(600_000)
                .sessionFolder(folder)
                .build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            List<Thread> threads = new ArrayList<>();
            List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
            for (int i = 0; i < 8; i++) {
                int seed = i;
                threads.add(Thread.ofVirtual().start(() -> {
                    try {
                        use(engine, new Random(seed));
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join(EngineFixture.PATIENCE);
                assertThat(thread.isAlive()).as("a thread waits for ever").isFalse();
            }
            assertThat(failures).isEmpty();
            assertThat(engine.stats().sessions()).isEqualTo(new EngineStats.Sessions(0, 0, 0, 0));
        }
    }

    private static void use(LlamaEngine engine, Random random) throws Exception {
        for (int round = 0; round < 6; round++) {
            try (Session session = engine.openSession()) {
                get(session.generate(turns.turn(random.nextInt(100))).result());
                if (random.nextBoolean()) {
                    session.save();
                }
                try (Session fork = session.fork()) {
                    session.rewind(random.nextInt(session.length()));
                    Generation generation = fork.generate(turns.turn(random.nextInt(100)));
                    if (random.nextInt(3) == 0) {
                        generation.cancel();
                    }
                    get(session.generate(turns.turn(random.nextInt(100))).result());
                    get(generation.result());
                    fork.save();
                }
            }
        }
    }
}
