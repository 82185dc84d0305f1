package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.FinishReason;
import io.github.panllama.InvalidStateException;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.evaluation.Question;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SessionTest {
    private static final long SMALL = 1_000_000;

    private static LlamaModel model;
    private static List<Question> questions;

    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        model = EngineFixture.model();
        questions = EngineFixture.questions(model);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static CompletionRequest turn(int i) {
        return greedy(questions.get(i % questions.size())).build();
    }

    /** What is generated after a conversation, by an engine that has computed nothing of it. */
    private static List<Integer> reference(int[] conversation, CompletionRequest next) throws Exception {
        try (LlamaEngine engine = LlamaEngine.start(
                model, options().sequences(1).contextSize(4096).build())) {
            return continuation(engine, conversation, next);
        }
    }

    private static List<Integer> continuation(LlamaEngine engine, int[] conversation, CompletionRequest next)
            throws Exception {
        int[] added = model.tokenizer().encode(next.prompt, conversation.length == 0, true);
        int[] prompt = IntStream.concat(IntStream.of(conversation), IntStream.of(added))
                .toArray();
        CompletionRequest request = CompletionRequest.builder(prompt)
                .sampling(next.sampling)
                .maxTokens(next.maxTokens)
                .build();
        return get(engine.generate(request).result()).tokens();
    }

    @Test
    void aTurnCostsItsNewTokensAlone() throws Exception {
        try (LlamaEngine engine = LlamaEngine.start(model, options().build());
                Session session = engine.openSession()) {
            CompletionResult first = get(session.generate(turn(0)).result());
            int[] conversation = session.tokens();
            assertThat(session.length())
                    .isEqualTo(first.usage().promptTokens() + first.tokens().size());
            assertThat(first.tokens()).isEqualTo(reference(new int[0], turn(0)));

            CompletionResult second = get(session.generate(turn(1)).result());
            assertThat(second.tokens()).isEqualTo(reference(conversation, turn(1)));
            assertThat(second.usage().cachedTokens()).isGreaterThanOrEqualTo(conversation.length - 1);

            int[] longer = session.tokens();
            CompletionRequest nothingNew = greedy("").maxTokens(8).build();
            assertThat(get(session.generate(nothingNew).result()).tokens()).isEqualTo(reference(longer, nothingNew));
        }
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
                    .mapToObj(i -> sessions.get(i).generate(turn(i)))
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
                running.put(i, sessions.get(i).generate(turn(i + 1)));
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
                assertThat(second.get(i).tokens()).isEqualTo(continuation(alone, before.get(i), turn(i + 1)));
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

    @Test
    void rewoundItGoesOnFromThere() throws Exception {
        try (LlamaEngine engine =
                        LlamaEngine.start(model, options().sequences(2).build());
                Session session = engine.openSession()) {
            get(session.generate(turn(0)).result());
            int[] conversation = session.tokens();
            List<Integer> expected = get(session.generate(turn(1)).result()).tokens();
            get(session.generate(turn(2)).result());

            session.rewind(conversation.length);
            assertThat(session.tokens()).isEqualTo(conversation);
            CompletionResult again = get(session.generate(turn(1)).result());
            assertThat(again.tokens()).isEqualTo(expected);
            assertThat(again.usage().cachedTokens()).isGreaterThanOrEqualTo(conversation.length - 1);
            assertThatThrownBy(() -> session.rewind(session.length() + 1)).isInstanceOf(IllegalArgumentException.class);
            session.rewind(0);
            assertThat(get(session.generate(turn(0)).result()).tokens()).isEqualTo(reference(new int[0], turn(0)));
        }
    }

    @Test
    void forksGoOnFromWhereTheyWereMade() throws Exception {
        EngineOptions options = options().sequences(2).contextSize(2048).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options);
                Session session = engine.openSession()) {
            get(session.generate(turn(0)).result());
            int[] conversation = session.tokens();
            List<Session> forks = List.of(session.fork(), session.fork("named"), session.fork());
            assertThat(forks.get(1).id()).isEqualTo("named");
            get(session.generate(turn(5)).result()); // the source goes on, and the forks do not notice
            for (int i = 0; i < forks.size(); i++) {
                assertThat(forks.get(i).tokens()).isEqualTo(conversation);
                CompletionResult result = get(forks.get(i).generate(turn(i + 1)).result());
                assertThat(result.tokens()).isEqualTo(reference(conversation, turn(i + 1)));
                assertThat(result.usage().cachedTokens()).isGreaterThanOrEqualTo(conversation.length - 1);
            }
            assertThatThrownBy(() -> session.fork("named")).isInstanceOf(IllegalStateException.class);
            forks.forEach(Session::close);
        }
    }

    @Test
    void whatIsSavedSurvivesTheEngine() throws Exception {
        EngineOptions options = options().sequences(2).sessionFolder(folder).build();
        int[] conversation;
        int[] shorter;
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Session session = engine.openSession("kept");
            get(session.generate(turn(0)).result());
            shorter = session.tokens();
            session.save();
            session.save();
            Session fork = session.fork("longer");
            get(fork.generate(turn(1)).result());
            conversation = fork.tokens();
            fork.save();
            get(engine.openSession("not-saved").generate(turn(2)).result());
            Session empty = engine.openSession("empty");
            empty.save();
            assertThatThrownBy(() -> engine.openSession("kept")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> LlamaEngine.start(model, options))
                    .isInstanceOf(LlamaException.class)
                    .hasMessageContaining("in use");
        }
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            assertThat(engine.openSession("not-saved").length()).isZero();
            assertThat(engine.openSession("empty").length()).isZero();
            Session longer = engine.openSession("longer");
            assertThat(longer.tokens()).isEqualTo(conversation);
            CompletionResult result = get(longer.generate(turn(3)).result());
            assertThat(result.tokens()).isEqualTo(reference(conversation, turn(3)));
            assertThat(result.usage().cachedTokens()).isGreaterThanOrEqualTo(conversation.length - 1);
            assertThat(engine.openSession("kept").tokens()).isEqualTo(shorter);
            longer.close();
        }
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            assertThat(engine.openSession("longer").length()).isZero();
            assertThat(engine.openSession("kept").length()).isEqualTo(shorter.length);
        }
    }

    /** The folder is another engine's after that. */
    @Test
    void nobodyIsAtTheDiskAfterTheEngine() throws Exception {
        EngineOptions options = options().sequences(1).sessionFolder(folder).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            get(engine.openSession().generate(turn(0)).result());
            assertThat(threads()).contains("panllama-sessions");
        }
        assertThat(threads()).doesNotContain("panllama-sessions");
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    }

    @Test
    void whatIsRewoundIsSavedAgain() throws Exception {
        EngineOptions options = options().sequences(2).sessionFolder(folder).build();
        int[] longer;
        int[] shorter;
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Session session = engine.openSession("a");
            get(session.generate(turn(0)).result());
            session.save();
            longer = session.tokens();
            session.rewind(10);
            session.save();
            shorter = session.tokens();
            assertThat(shorter).hasSize(10);
        }
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Session session = engine.openSession("a");
            assertThat(session.tokens()).isEqualTo(shorter);
            assertThatThrownBy(() -> engine.openSession("b").fork("a")).isInstanceOf(IllegalStateException.class);
            session.rewind(5);
            session.save();
        }
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Session other = engine.openSession("c");
            assertThatThrownBy(() -> other.fork("a"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("saved");
            Session session = engine.openSession("a");
            assertThat(session.tokens()).isEqualTo(Arrays.copyOf(longer, 5));
            assertThat(get(session.generate(turn(1)).result()).tokens())
                    .isEqualTo(reference(Arrays.copyOf(longer, 5), turn(1)));
        }
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

    /** A state that is larger than the cache of another engine is computed again. */
    @Test
    void aSessionOfALargerContextGoesOnInASmallerOne() throws Exception {
        EngineOptions.Builder large = options().sequences(1).contextSize(1024).sessionFolder(folder);
        try (LlamaEngine engine = LlamaEngine.start(model, large.build())) {
            Session session = engine.openSession("a");
            get(session.generate(greedy("Hello! ".repeat(60))
                            .maxTokens(300)
                            .ignoreEndOfGeneration(true)
                            .build())
                    .result());
            session.save();
        }
        EngineOptions small =
                options().sequences(1).contextSize(256).sessionFolder(folder).build();
        try (LlamaEngine engine = LlamaEngine.start(model, small)) {
            Session session = engine.openSession("a");
            assertThatThrownBy(() -> session.generate(turn(0))).isInstanceOf(IllegalArgumentException.class);
            session.rewind(100);
            assertThat(get(session.generate(greedy("!")
                                            .maxTokens(5)
                                            .ignoreEndOfGeneration(true)
                                            .build())
                                    .result())
                            .tokens())
                    .hasSize(5);
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
                get(session.generate(turn(random.nextInt(100))).result());
                if (random.nextBoolean()) {
                    session.save();
                }
                try (Session fork = session.fork()) {
                    session.rewind(random.nextInt(session.length()));
                    Generation generation = fork.generate(turn(random.nextInt(100)));
                    if (random.nextInt(3) == 0) {
                        generation.cancel();
                    }
                    get(session.generate(turn(random.nextInt(100))).result());
                    get(generation.result());
                    fork.save();
                }
            }
        }
    }

    @Test
    void aDamagedFileIsRefusedWhateverByteIsWrong() throws Exception {
        EngineOptions options = options().sequences(1).sessionFolder(folder).build();
        Path file = folder.resolve("s.session");
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Session session = engine.openSession("s");
            get(session.generate(turn(0)).result());
            session.save();
        }
        byte[] good = Files.readAllBytes(file);
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Random random = new Random(5);
            for (int i = 0; i < 150; i++) {
                byte[] bad = good.clone();
                bad[i < 100 ? i : random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
                assertRefused(engine, file, bad);
            }
            for (int i = 0; i < 50; i++) {
                assertRefused(engine, file, Arrays.copyOf(good, random.nextInt(good.length)));
            }
            Files.write(file, good);
            assertThat(engine.openSession("s").length()).isPositive();
        }
    }

    private static void assertRefused(LlamaEngine engine, Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes);
        assertThatThrownBy(() -> engine.openSession("s")).isInstanceOf(InvalidStateException.class);
    }

    @Test
    void wrongUseIsRefused() throws Exception {
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            Session session = engine.openSession();
            Generation running =
                    session.generate(EngineFixture.endless(model, 3000).build());
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    () -> session.generate(turn(0)), () -> session.rewind(0), session::fork)) {
                assertThatThrownBy(call)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("has not ended");
            }
            session.close();
            session.close();
            assertThat(get(running.result()).finishReason()).isEqualTo(FinishReason.CANCELLED);
            assertThatThrownBy(() -> session.generate(turn(0)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");

            Session other = engine.openSession();
            assertThatThrownBy(other::save)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("sessionFolder");
            assertThatThrownBy(() -> other.generate(greedy("").build())).isInstanceOf(IllegalArgumentException.class);
            get(other.generate(turn(0)).result()); // not busy after a refusal
            for (String id : List.of("", "../x", "a/b", "a.b", "x".repeat(129), "ä")) {
                assertThatThrownBy(() -> engine.openSession(id)).isInstanceOf(IllegalArgumentException.class);
            }
            LlamaEngine sameEngine = engine;
            sameEngine.close();
            assertThatThrownBy(() -> other.generate(turn(1))).isInstanceOf(EngineClosedException.class);
            assertThatThrownBy(engine::openSession).isInstanceOf(EngineClosedException.class);
            assertThatThrownBy(other::fork).isInstanceOf(EngineClosedException.class);
            other.close();
        }
    }
}
