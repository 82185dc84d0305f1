package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.LlamaModel;
import io.github.panllama.evaluation.Question;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
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
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions of an engine with several replicas: whichever of them computes, a conversation goes on as it would in one. */
class ReplicaSessionsTest {
    /** Of the logarithm of a probability; a wrong cell in the memory changes it far more. */
    private static final double ROUNDING = 0.1;

    private static LlamaModel model;
    private static LlamaModel twin;
    private static LlamaEngine alone;
    private static List<Question> questions;

    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        model = EngineFixture.model();
        twin = EngineFixture.model();
        questions = EngineFixture.questions(model);
        alone = LlamaEngine.start(
                model,
                options().sequences(1).contextSize(4096).prefixCache(false).build());
    }

    @AfterAll
    static void close() {
        alone.close();
        twin.close();
        model.close();
    }

    private static CompletionRequest turn(int i) {
        return greedy(questions.get(i % questions.size())).build();
    }

    /** What is generated after a conversation, by one context that has computed nothing of it. */
    private static List<Integer> reference(int[] conversation, CompletionRequest next) throws Exception {
        return get(alone.generate(prompt(conversation, next)).result()).tokens();
    }

    private static CompletionRequest prompt(int[] conversation, CompletionRequest next) {
        int[] added = model.tokenizer().encode(next.prompt, conversation.length == 0, true);
        int[] prompt = IntStream.concat(IntStream.of(conversation), IntStream.of(added))
                .toArray();
        CompletionRequest.Builder request =
                CompletionRequest.builder(prompt).sampling(next.sampling).maxTokens(next.maxTokens);
        next.logprobs.ifPresent(request::logprobs);
        return request.build();
    }

    /** More sessions than sequences: in memory alone, mostly on the disk, and in rooms of their own. */
    @ParameterizedTest
    @CsvSource({"1000000000, false, true", "1000000, true, true", "1000000, true, false"})
    void sessionsComeBackAsTheyWereWhereverTheyAre(long memory, boolean disk, boolean unified) throws Exception {
        EngineOptions.Builder builder = options()
                .replicas(2)
                .sequences(2)
                .contextSize(2 * 768)
                .sessionMemory(memory)
                .context(context -> EngineFixture.fixed(context).unifiedKvCache(unified));
        EngineOptions options = (disk ? builder.sessionFolder(folder) : builder).build();
        int count = 30;
        Map<Integer, int[]> before = new HashMap<>();
        Map<Integer, Generation> running = new HashMap<>();
        try (LlamaEngine engine = LlamaEngine.start(List.of(model, twin), options)) {
            List<Session> sessions = IntStream.range(0, count)
                    .mapToObj(i -> engine.openSession())
                    .toList();
            List<Generation> firsts = IntStream.range(0, count)
                    .mapToObj(i -> sessions.get(i).generate(turn(i)))
                    .toList();
            for (Generation first : firsts) {
                get(first.result());
            }
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, count).boxed().toList());
            Collections.shuffle(order, new Random(7));
            for (int i : order) {
                before.put(i, sessions.get(i).tokens());
                running.put(i, sessions.get(i).generate(turn(i + 1)));
            }
            for (int i : order) {
                CompletionResult result = get(running.get(i).result());
                assertThat(result.usage().cachedTokens()).isGreaterThanOrEqualTo(before.get(i).length - 1);
                assertThat(engine.stats().sessions().bytes()).isLessThanOrEqualTo(memory);
            }
            assertThat(engine.stats().replicas())
                    .allSatisfy(replica -> assertThat(replica.completed()).isGreaterThan(count / 4));
            sessions.forEach(Session::close);
            assertThat(engine.stats().sessions()).isEqualTo(new EngineStats.Sessions(0, 0, 0, 0));
        }
        for (int i = 0; i < count; i++) {
            assertThat(get(running.get(i).result()).tokens()).isEqualTo(reference(before.get(i), turn(i + 1)));
        }
    }

    private static int[] prefix(long seed) {
        return new Random(seed).ints(320, 3, 250).toArray();
    }

    private static CompletionRequest request(int[] prompt, int maxTokens) {
        return CompletionRequest.builder(prompt)
                .sampling(endless(model, 1).build().sampling)
                .maxTokens(maxTokens)
                .build();
    }

    /** A generation that holds its sequence until it is read. */
    private static Iterator<GenerationChunk> hold(LlamaEngine engine, int[] prompt) {
        Iterator<GenerationChunk> reader = engine.generate(request(prompt, 500)).iterator();
        reader.next();
        return reader;
    }

    private static long promptTokens(LlamaEngine engine, int replica) {
        return engine.stats().replicas().get(replica).promptTokens();
    }

    /** Its replica has others to do: it leaves the sequence that it has there, and goes on elsewhere. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSessionMovesToTheReplicaThatHasTime(boolean unified) throws Exception {
        EngineOptions.Builder options = options()
                .replicas(2)
                .sequences(5)
                .contextSize(5 * 1024)
                .readAhead(1)
                .sessionFolder(folder)
                .context(context -> EngineFixture.fixed(context).unifiedKvCache(unified));
        int[] conversation;
        int[] longer;
        try (LlamaEngine engine = LlamaEngine.start(model, options.build())) {
            Session session = engine.openSession("moved");
            // Those that rest have their turns: the session and the last prompt are on the second one.
            get(engine.generate(request(prefix(0), 1)).result());
            get(session.generate(turn(0)).result());
            get(engine.generate(request(prefix(1), 1)).result());
            get(engine.generate(request(prefix(2), 1)).result());
            conversation = session.tokens();
            List<Iterator<GenerationChunk>> held = List.of(hold(engine, prefix(2)), hold(engine, prefix(2)));
            assertThat(promptTokens(engine, 0)).isEqualTo(2 * 320);

            CompletionResult second = get(session.generate(turn(1)).result());
            assertThat(promptTokens(engine, 0)).isGreaterThan(2 * 320);
            assertThat(second.tokens()).isEqualTo(reference(conversation, turn(1)));
            assertThat(second.usage().cachedTokens()).isGreaterThanOrEqualTo(conversation.length - 1);

            longer = session.tokens();
            Session fork = session.fork("fork");
            CompletionResult third = get(session.generate(turn(2)).result());
            assertThat(third.tokens()).isEqualTo(reference(longer, turn(2)));
            CompletionResult forked = get(fork.generate(turn(3)).result());
            assertThat(forked.tokens()).isEqualTo(reference(longer, turn(3)));
            assertThat(forked.usage().cachedTokens()).isGreaterThanOrEqualTo(longer.length - 1);
            session.rewind(longer.length);
            session.save();
            held.forEach(reader -> reader.forEachRemaining(chunk -> {}));
        }
        EngineOptions more = options.replicas(3).readAhead(100).build();
        try (LlamaEngine engine = LlamaEngine.start(twin, more)) {
            Session session = engine.openSession("moved");
            assertThat(session.tokens()).isEqualTo(longer);
            CompletionResult result = get(session.generate(turn(4)).result());
            assertThat(result.tokens()).isEqualTo(reference(longer, turn(4)));
            assertThat(result.usage().cachedTokens()).isGreaterThanOrEqualTo(longer.length - 1);
        }
    }

    /** Everything at the same time, with little memory and one folder, or without either. */
    @ParameterizedTest
    @CsvSource({"600000, true", "600000, false", "0, true"})
    void manyThreadsUseManySessions(long memory, boolean disk) throws Exception {
        EngineOptions.Builder builder =
                options().replicas(3).sequences(2).contextSize(2 * 768).sessionMemory(memory);
        EngineOptions options = (disk ? builder.sessionFolder(folder) : builder).build();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                int seed = i;
                threads.add(Thread.ofVirtual().start(() -> {
                    try {
                        use(engine, new Random(seed), disk);
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
            assertThat(engine.stats().replicas())
                    .extracting(EngineStats.Replica::outstandingTokens)
                    .containsOnly(0L);
        }
    }

    private static void use(LlamaEngine engine, Random random, boolean disk) throws Exception {
        for (int round = 0; round < 6; round++) {
            try (Session session = engine.openSession()) {
                get(session.generate(turn(random.nextInt(100))).result());
                if (disk && random.nextBoolean()) {
                    session.save();
                }
                try (Session fork = session.fork()) {
                    session.rewind(random.nextInt(session.length()));
                    Generation generation = fork.generate(turn(random.nextInt(100)));
                    if (random.nextInt(3) == 0) {
                        generation.cancel();
                    }
                    int[] before = session.tokens();
                    CompletionRequest next = greedy(questions.get(random.nextInt(questions.size())))
                            .logprobs(2)
                            .build();
                    CompletionResult result = get(session.generate(next).result());
                    if (random.nextInt(4) == 0) {
                        assertAsAlone(result, before, next);
                    }
                    get(generation.result());
                }
            }
        }
    }

    /**
     * Each token is as likely as when one context computes it. A conversation that was cut anywhere has near ties, which
     * turn out as rounding has it; after one, the two say different things.
     */
    private static void assertAsAlone(CompletionResult result, int[] conversation, CompletionRequest next)
            throws Exception {
        CompletionResult expected =
                get(alone.generate(prompt(conversation, next)).result());
        for (int i = 0; i < Math.min(result.tokens().size(), expected.tokens().size()); i++) {
            assertThat(result.logprobs().get(i).logprob())
                    .as("token %d", i)
                    .isCloseTo(expected.logprobs().get(i).logprob(), within(ROUNDING));
            if (!result.tokens().get(i).equals(expected.tokens().get(i))) {
                return;
            }
        }
        assertThat(result.tokens()).hasSameSizeAs(expected.tokens());
    }

    /** A generation that waits for its session to leave another replica ends all the same. */
    @Test
    void closingASessionWhileItMovesLosesNothing() throws Exception {
        EngineOptions options = options()
                .replicas(2)
                .sequences(2)
                .contextSize(2048)
                .sessionFolder(folder)
                .build();
        Random random = new Random(11);
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            for (int cycle = 0; cycle < 60; cycle++) {
                List<Session> sessions = IntStream.range(0, 6)
                        .mapToObj(i -> engine.openSession("s" + i))
                        .toList();
                List<Generation> generations = new ArrayList<>();
                for (int round = 0; round < 3; round++) {
                    for (Session session : sessions) {
                        generations.add(session.generate(
                                endless(model, 1 + random.nextInt(12)).build()));
                    }
                    for (Generation generation : generations) {
                        if (random.nextInt(4) == 0) {
                            generation.cancel();
                        }
                        get(generation.result());
                    }
                }
                sessions.forEach(session ->
                        generations.add(session.generate(endless(model, 40).build())));
                sessions.forEach(Session::close);
                for (Generation generation : generations) {
                    get(generation.result());
                }
                assertThat(engine.stats().sessions()).isEqualTo(new EngineStats.Sessions(0, 0, 0, 0));
            }
        }
    }
}
