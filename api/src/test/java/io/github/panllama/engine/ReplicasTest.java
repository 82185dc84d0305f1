package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.SamplingOptions;
import io.github.panllama.evaluation.Question;
import io.github.panllama.tinymodel.TinyModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplicasTest {
    private static LlamaModel model;
    private static LlamaModel twin;
    private static List<Question> questions;
    private static List<String> answers;

    @BeforeAll
    static void load() {
        model = EngineFixture.model();
        twin = EngineFixture.model();
        questions = EngineFixture.questions(model);
        answers = EngineFixture.answers(model, questions);
    }

    @AfterAll
    static void close() {
        twin.close();
        model.close();
    }

    /** One model and two of the same file; with sequences enough and too few, and with a cache that has no room for all. */
    @ParameterizedTest
    @CsvSource({"false, 2, 16, 8192", "false, 3, 2, 1024", "true, 1, 8, 8192", "true, 2, 8, 900"})
    void eachQuestionGetsTheAnswerThatItGetsAlone(boolean twoModels, int replicas, int sequences, int cells)
            throws Exception {
        EngineOptions options = options()
                .replicas(replicas)
                .sequences(sequences)
                .contextSize(cells)
                .build();
        List<LlamaModel> models = twoModels ? List.of(model, twin) : List.of(model);
        try (LlamaEngine engine = LlamaEngine.start(models, options)) {
            List<Generation> generations = questions.stream()
                    .map(question -> engine.generate(greedy(question).build()))
                    .toList();
            for (int i = 0; i < generations.size(); i++) {
                CompletionResult result = get(generations.get(i).result());
                int[] ids = result.tokens().stream().mapToInt(Integer::intValue).toArray();
                assertThat(model.tokenizer().decode(ids, true)).isEqualTo(answers.get(i));
            }
            assertAddsUp(engine.stats(), models.size() * replicas, sequences, generations);
        }
    }

    /** The sums are right, nothing is left to do, and all have done about as much. */
    private static void assertAddsUp(EngineStats stats, int replicas, int sequences, List<Generation> generations) {
        long tokens = generations.stream()
                .mapToLong(each -> each.await().tokens().size())
                .sum();
        assertThat(stats.replicas()).hasSize(replicas);
        assertThat(stats.sequences()).isEqualTo(replicas * sequences);
        assertThat(stats.completed()).isEqualTo(generations.size());
        assertThat(stats.generatedTokens()).isEqualTo(tokens);
        assertThat(stats.queued()).isZero();
        List<ToLongFunction<EngineStats.Replica>> figures = List.of(
                EngineStats.Replica::completed,
                EngineStats.Replica::generatedTokens,
                EngineStats.Replica::promptTokens);
        for (ToLongFunction<EngineStats.Replica> figure : figures) {
            long sum = stats.replicas().stream().mapToLong(figure).sum();
            assertThat(stats.replicas())
                    .allSatisfy(replica ->
                            assertThat(figure.applyAsLong(replica)).isBetween(sum / replicas / 2, 2 * sum / replicas));
        }
        assertThat(stats.replicas()).allSatisfy(replica -> {
            assertThat(replica.outstandingTokens()).isZero();
            assertThat(replica.queued()).isZero();
            assertThat(replica.usedCells()).isLessThanOrEqualTo(replica.cells());
        });
    }

    @Test
    void promptsThatBeginAlikeAreComputedOnOneReplica() throws Exception {
        int prefixes = 5;
        int each = 40;
        List<CompletionRequest> requests = new ArrayList<>();
        for (int i = 0; i < prefixes * each; i++) {
            int[] prompt = new Random(i % prefixes).ints(416, 3, 250).toArray();
            new Random(i).ints(16, 3, 250).forEach(token -> {
                System.arraycopy(prompt, 401, prompt, 400, 15);
                prompt[415] = token;
            });
            requests.add(CompletionRequest.builder(prompt)
                    .sampling(SamplingOptions.greedy())
                    .maxTokens(8)
                    .build());
        }
        Collections.shuffle(requests, new Random(7));
        EngineOptions options =
                options().replicas(3).sequences(16).contextSize(16_384).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            List<Generation> generations =
                    requests.stream().map(engine::generate).toList();
            for (Generation generation : generations) {
                get(generation.result());
            }
            EngineStats stats = engine.stats();
            assertThat((double) stats.cachedTokens() / stats.promptTokens()).isGreaterThanOrEqualTo(0.9);
            assertThat(stats.replicas())
                    .allSatisfy(replica -> assertThat(replica.completed()).isPositive());
        }
    }

    @Test
    void answersToOnePromptShareIt() throws Exception {
        int[] prompt = new Random(1).ints(200, 3, 250).toArray();
        CompletionRequest request =
                CompletionRequest.builder(prompt).maxTokens(8).build();
        EngineOptions options =
                options().replicas(2).sequences(8).contextSize(4096).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            for (Generation generation : engine.generate(request, 8)) {
                get(generation.result());
            }
            assertThat(engine.stats().cachedTokens()).isGreaterThanOrEqualTo(7 * 199);
            assertThat(engine.stats().replicas())
                    .extracting(EngineStats.Replica::completed)
                    .containsExactlyInAnyOrder(0L, 8L);
        }
    }

    /** Reads each as far as its first token. Then it waits for its reader, and holds its sequence. */
    private static void begin(List<Iterator<GenerationChunk>> readers) {
        readers.forEach(Iterator::next);
    }

    @Test
    void thereAreMoreSequencesThanAContextMayHave() throws Exception {
        EngineOptions options = options()
                .replicas(2)
                .sequences(160)
                .contextSize(160 * 64)
                .readAhead(1)
                .build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            List<Generation> generations = new ArrayList<>();
            List<Iterator<GenerationChunk>> readers = new ArrayList<>();
            for (int i = 0; i < 320; i++) {
                generations.add(
                        engine.generate(endless(model, 32, "Number " + i + ":").build()));
                readers.add(generations.get(i).iterator());
            }
            begin(readers);
            assertThat(generations).noneMatch(Generation::isDone);
            assertThat(engine.stats().sequences()).isEqualTo(320);
            readers.forEach(reader -> reader.forEachRemaining(chunk -> {}));
            for (Generation generation : generations) {
                assertThat(get(generation.result()).tokens()).hasSize(32);
            }
        }
        assertThatThrownBy(() -> LlamaEngine.start(
                        model, options().sequences(320).contextSize(8192).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("sequences is 320", "[1, 256]", "replicas");
        assertThatThrownBy(() -> options().replicas(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("replicas is 0, must be in [1, 256]");
    }

    @Test
    void theQueueIsThatOfTheWholeEngine() throws Exception {
        EngineOptions options = options()
                .replicas(2)
                .sequences(1)
                .contextSize(2048)
                .readAhead(1)
                .queueCapacity(3)
                .build();
        CompletionRequest request = endless(model, 60).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            List<Iterator<GenerationChunk>> readers = List.of(
                    engine.generate(request).iterator(),
                    engine.generate(request).iterator());
            begin(readers);
            List<Generation> waiting = engine.generate(request, 3);
            assertThatThrownBy(() -> engine.generate(request)).isInstanceOf(EngineBusyException.class);
            assertThat(engine.stats().queued()).isEqualTo(3);
            waiting.getFirst().cancel();
            get(waiting.getFirst().result());
            Generation last = engine.generate(request);
            readers.forEach(reader -> reader.forEachRemaining(chunk -> {}));
            assertThat(get(last.result()).tokens()).hasSize(60);
        }
    }

    @Test
    void everyoneIsToldWhenTheEngineIsClosedUnderLoad() throws Exception {
        Random random = new Random(3);
        for (int cycle = 0; cycle < 10; cycle++) {
            LlamaEngine engine = LlamaEngine.start(
                    List.of(model, twin),
                    options().replicas(2).sequences(2).contextSize(1024).build());
            List<Generation> generations = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                generations.add(
                        engine.generate(endless(model, 1 + random.nextInt(500)).build()));
            }
            Generation one = generations.get(random.nextInt(4));
            one.cancel();
            get(one.result());
            engine.close();
            engine.close();
            for (Generation generation : generations) {
                assertThat(generation.isDone()).isTrue();
            }
            assertThatThrownBy(() -> generations.getLast().await()).isInstanceOf(EngineClosedException.class);
            assertThatThrownBy(() -> engine.generate(greedy("x").build())).isInstanceOf(EngineClosedException.class);
            assertThat(engine.stats().queued()).isZero();
            assertThat(engine.stats().replicas())
                    .extracting(EngineStats.Replica::outstandingTokens)
                    .containsOnly(0L);
        }
    }

    @Test
    void whereOneFailsAllDo() {
        LlamaModel third = EngineFixture.model();
        try (LlamaEngine engine =
                LlamaEngine.start(List.of(model, third), options().build())) {
            List<Generation> generations = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                generations.add(engine.generate(endless(model, 900).build()));
            }
            third.close();
            for (Generation generation : generations) {
                assertThatThrownBy(() -> get(generation.result()))
                        .hasCauseInstanceOf(EngineClosedException.class)
                        .hasMessageContaining("is closed");
            }
            assertThatThrownBy(() -> engine.generate(greedy("x").build())).isInstanceOf(EngineClosedException.class);
        }
    }

    @Test
    void unequalModelsAreRefused(@TempDir Path folder) throws Exception {
        EngineOptions options = options().build();
        assertThatThrownBy(() -> LlamaEngine.start(List.of(), options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("models is empty");
        try (LlamaModel other = RandomModel.load(RandomModel.write(folder))) {
            assertThatThrownBy(() -> LlamaEngine.start(List.of(model, twin, other), options))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(other.toString(), "index 2", model.toString(), "other contents");
        }
        ModelOptions changed = ModelOptions.builder()
                .gpuLayers(0)
                .metadata(model.architecture() + ".rope.freq_base", 1234.0)
                .build();
        try (LlamaModel other = LlamaModel.load(TinyModel.path(), changed)) {
            assertThatThrownBy(() -> LlamaEngine.start(List.of(other, model), options))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("overridden");
        }
        try (LlamaModel vocabulary = LlamaModel.load(
                TinyModel.path(), ModelOptions.builder().vocabularyOnly(true).build())) {
            assertThatThrownBy(() -> LlamaEngine.start(List.of(model, vocabulary), options))
                    .isInstanceOf(RuntimeException.class);
        }
    }

    @Test
    void everyReplicaGuesses() throws Exception {
        EngineOptions options =
                options().replicas(2).sequences(4).contextSize(4096).build();
        List<Question> some = questions.subList(0, 24);
        try (LlamaEngine engine = LlamaEngine.start(List.of(model, twin), options)) {
            for (Speculation speculation : List.of(Speculation.ngram(), Speculation.draftModel(twin))) {
                List<Generation> generations = some.stream()
                        .map(question -> engine.generate(
                                greedy(question).speculation(speculation).build()))
                        .toList();
                for (int i = 0; i < some.size(); i++) {
                    CompletionResult result = get(generations.get(i).result());
                    int[] ids =
                            result.tokens().stream().mapToInt(Integer::intValue).toArray();
                    assertThat(model.tokenizer().decode(ids, true)).isEqualTo(answers.get(i));
                }
            }
            assertThat(engine.stats().acceptedTokens()).isPositive();
            assertThat(IntStream.range(0, 4)
                            .mapToObj(i -> engine.stats().replicas().get(i)))
                    .allSatisfy(replica -> assertThat(replica.completed()).isPositive());
        }
    }
}
