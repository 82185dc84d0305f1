package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.FinishReason;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.chat.JsonSchema;
import io.github.panllama.evaluation.Question;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LlamaEngineTest {
    private static LlamaModel model;
    private static List<Question> questions;
    private static List<String> answers;

    @BeforeAll
    static void load() {
        model = EngineFixture.model();
        questions = EngineFixture.questions(model);
        answers = EngineFixture.answers(model, questions);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** Few and many at a time; a cache with room for few of them; prompts in small pieces; with and without sharing. */
    @ParameterizedTest
    @CsvSource({
        "1, 2048, 2048, true",
        "32, 16384, 2048, true",
        "16, 1200, 2048, true",
        "32, 16384, 48, true",
        "32, 16384, 2048, false"
    })
    void manyTogetherGetTheAnswersThatEachGetsAlone(int sequences, int cells, int batch, boolean prefixCache)
            throws Exception {
        EngineOptions options = options()
                .sequences(sequences)
                .contextSize(cells)
                .batchSize(batch)
                .prefixCache(prefixCache)
                .build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            List<Generation> generations = questions.stream()
                    .map(question -> engine.generate(greedy(question).build()))
                    .toList();
            for (int i = 0; i < generations.size(); i++) {
                CompletionResult result = get(generations.get(i).result());
                assertThat(model.tokenizer().decode(ids(result), true)).isEqualTo(answers.get(i));
                assertThat(result.finishReason()).isEqualTo(FinishReason.STOP);
                assertThat(result.usage().generatedTokens())
                        .isEqualTo(result.tokens().size());
            }
            EngineStats stats = engine.stats();
            assertThat(stats.completed()).isEqualTo(questions.size());
            assertThat(stats.queued()).isZero();
            assertThat(stats.usedCells()).isLessThanOrEqualTo(cells);
            assertThat(stats.generatedTokens())
                    .isEqualTo(generations.stream()
                            .mapToLong(each -> each.await().tokens().size())
                            .sum());
            assertThat(stats.cachedTokens() > 0).isEqualTo(prefixCache);
        }
    }

    private static int[] ids(CompletionResult result) {
        return result.tokens().stream().mapToInt(Integer::intValue).toArray();
    }

    @Test
    void whatPromptsHaveInCommonIsComputedOnce() throws Exception {
        String system = "You are a helpful assistant. ".repeat(24);
        try (LlamaEngine engine =
                LlamaEngine.start(model, options().contextSize(16384).build())) {
            List<Generation> generations = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                String prompt = "<｜begin▁of▁sentence｜>" + system + "<｜User｜>What is " + i + " + 5?<｜Assistant｜><think>";
                generations.add(engine.generate(greedy(prompt).maxTokens(80).build()));
            }
            long prompts = 0;
            long cached = 0;
            for (Generation generation : generations) {
                Usage usage = get(generation.result()).usage();
                prompts += usage.promptTokens();
                cached += usage.cachedTokens();
            }
            assertThat((double) cached / prompts).isGreaterThan(0.85);
            assertThat(engine.stats().cachedTokens()).isEqualTo(cached);
        }
    }

    @Test
    void aConversationGoesOnWhereItWas() throws Exception {
        String first = "<｜begin▁of▁sentence｜><｜User｜>My name is Anna.<｜Assistant｜><think></think>";
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            CompletionResult one = get(engine.generate(greedy(first).build()).result());
            String second =
                    first + one.text() + "<｜end▁of▁sentence｜><｜User｜>What is my name?<｜Assistant｜><think></think>";
            CompletionResult two = get(engine.generate(greedy(second).build()).result());
            assertThat(two.text()).contains("Anna");
            assertThat(two.usage().cachedTokens())
                    .isEqualTo(one.usage().promptTokens() + one.usage().generatedTokens());
        }
    }

    @Test
    void aStopTextEndsAndIsNotGivenOut() throws Exception {
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            CompletionRequest request = greedy("<｜begin▁of▁sentence｜><｜User｜>What is 47 + 85?<｜Assistant｜><think>")
                    .stop("never", "tens ")
                    .build();
            Generation generation = engine.generate(request);
            StringBuilder streamed = new StringBuilder();
            generation.forEach(chunk -> streamed.append(chunk.text()));
            CompletionResult result = get(generation.result());
            assertThat(result.stopText()).contains("tens ");
            assertThat(result.finishReason()).isEqualTo(FinishReason.STOP);
            assertThat(result.text())
                    .startsWith("047+085: ones 7+5=12 carry 1,")
                    .doesNotContain("tens");
            assertThat(streamed).hasToString(result.text());
        }
    }

    @Test
    void aStopTokenEnds() throws Exception {
        int comma = model.tokenizer().encode(",")[0];
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            CompletionRequest request = greedy("<｜begin▁of▁sentence｜><｜User｜>What is 47 + 85?<｜Assistant｜><think>")
                    .stopTokens(comma)
                    .build();
            CompletionResult result = get(engine.generate(request).result());
            assertThat(result.text()).isEqualTo("047+085: ones 7+5=12 carry 1");
            assertThat(result.tokens()).doesNotContain(comma);
        }
    }

    @Test
    void aGenerationEndsWhereTheContextDoes() throws Exception {
        EngineOptions options = options().sequences(2).contextSize(512).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            CompletionResult result =
                    get(engine.generate(endless(model, 100_000).build()).result());
            assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
            assertThat(result.usage().promptTokens() + result.usage().generatedTokens())
                    .isEqualTo(512 + 1); // the last token is given out and need not be kept
            CompletionResult after =
                    get(engine.generate(greedy(questions.getFirst()).build()).result());
            assertThat(model.tokenizer().decode(ids(after), true)).isEqualTo(answers.getFirst());
        }
    }

    @Test
    void timesAreMeasured() throws Exception {
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            CompletionResult result =
                    get(engine.generate(endless(model, 40).build()).result());
            Timings timings = result.timings();
            assertThat(timings.interToken()).hasSize(39).allMatch(gap -> !gap.isNegative());
            Duration sum = timings.interToken().stream().reduce(timings.timeToFirstToken(), Duration::plus);
            assertThat(sum).isLessThanOrEqualTo(timings.duration());
            assertThat(timings.queued()).isLessThanOrEqualTo(timings.timeToFirstToken());
            assertThat(timings.tokensPerSecond()).isPositive();
            assertThat(engine.stats().interTokenLatency().p50()).isPositive();
        }
    }

    @Test
    void aCancelledGenerationKeepsWhatItHas() throws Exception {
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            Generation generation = engine.generate(endless(model, 900).build());
            int read = 0;
            for (GenerationChunk chunk : generation) {
                read++;
                if (read == 5) {
                    generation.cancel();
                }
                assertThat(chunk).isNotNull();
            }
            CompletionResult result = get(generation.result());
            assertThat(result.finishReason()).isEqualTo(FinishReason.CANCELLED);
            assertThat(result.tokens()).hasSizeBetween(5, 899);
            generation.cancel(); // does nothing any more
        }
    }

    /** What was computed for the first is in the way of the second, which begins alike. */
    @Test
    void whatIsSharedMakesRoomWhereThereIsNone() throws Exception {
        EngineOptions options = options().sequences(2).contextSize(1024).build();
        String same = "Hello! ".repeat(60);
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            CompletionRequest.Builder first =
                    greedy(same + "One").maxTokens(600).ignoreEndOfGeneration(true);
            assertThat(get(engine.generate(first.build()).result()).tokens()).hasSize(600);
            CompletionRequest.Builder second = greedy(same + "Two " + "and so on ".repeat(40))
                    .maxTokens(200)
                    .ignoreEndOfGeneration(true);
            assertThat(get(engine.generate(second.build()).result()).tokens()).hasSize(200);
        }
    }

    @Test
    void severalAnswersToOnePromptShareIt() throws Exception {
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            CompletionRequest request = CompletionRequest.builder(
                            questions.getFirst().prompt().orElseThrow())
                    .sampling(SamplingOptions.builder().temperature(3).build())
                    .maxTokens(30)
                    .build();
            List<Generation> generations = engine.generate(request, 8);
            List<CompletionResult> results = new ArrayList<>();
            for (Generation generation : generations) {
                results.add(get(generation.result()));
            }
            assertThat(results.stream().map(CompletionResult::text).collect(Collectors.toSet()))
                    .hasSizeGreaterThan(4);
            assertThat(results.stream()
                            .filter(result -> result.usage().cachedTokens()
                                    == result.usage().promptTokens() - 1))
                    .hasSizeGreaterThanOrEqualTo(7);
        }
    }

    @Test
    void wrongRequestsAreRefusedAndNothingElseIsLost() throws Exception {
        EngineOptions options = options().contextSize(512).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Generation good = engine.generate(greedy(questions.getFirst()).build());
            assertThatThrownBy(() -> engine.generate(CompletionRequest.of("")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("0 tokens");
            assertThatThrownBy(() -> engine.generate(
                            CompletionRequest.builder(new int[513]).build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("513 tokens");
            assertThatThrownBy(() -> engine.generate(
                            CompletionRequest.builder(new int[] {1, -3}).build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("-3");
            assertThatThrownBy(() -> engine.generate(CompletionRequest.builder("x")
                            .sampling(SamplingOptions.builder()
                                    .grammar("root ::= (")
                                    .build())
                            .build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("grammar");
            assertThat(model.tokenizer().decode(ids(get(good.result())), true)).isEqualTo(answers.getFirst());
        }
    }

    @Test
    void eachRequestHasItsOwnGrammarAndBiases() throws Exception {
        int nine = model.tokenizer().encode("9")[0];
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            List<Generation> generations = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                SamplingOptions.Builder sampling = SamplingOptions.builder()
                        .temperature(1)
                        .seed(i)
                        .grammar("root ::= \"n" + i + "=\" [1-9] [1-9] [1-9]");
                if (i % 2 == 0) {
                    sampling.bias(nine, 1000);
                }
                String prompt = questions.get(i).prompt().orElseThrow();
                generations.add(engine.generate(CompletionRequest.builder(prompt)
                        .sampling(sampling.build())
                        .build()));
                generations.add(engine.generate(greedy(questions.get(i)).build()));
            }
            for (int i = 0; i < 10; i++) {
                assertThat(get(generations.get(2 * i).result()).text())
                        .matches(i % 2 == 0 ? "n" + i + "=999" : "n" + i + "=[1-9]{3}");
                assertThat(model.tokenizer()
                                .decode(ids(get(generations.get(2 * i + 1).result())), true))
                        .isEqualTo(answers.get(i));
            }
        }
    }

    @Test
    void aGrammarThatRunsDryEndsItsOwnGenerationAlone() throws Exception {
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            SamplingOptions dry = SamplingOptions.builder()
                    .temperature(0)
                    .grammar("root ::= \"a\" \"\\u0001\\u0001\"")
                    .bias(model.tokenizer().endOfText().orElseThrow(), Float.NEGATIVE_INFINITY)
                    .build();
            Generation one =
                    engine.generate(CompletionRequest.builder("x").sampling(dry).build());
            Generation other = engine.generate(greedy(questions.getFirst()).build());
            assertThat(model.tokenizer().decode(ids(get(other.result())), true)).isEqualTo(answers.getFirst());
            assertThatThrownBy(() -> get(one.result()))
                    .hasCauseInstanceOf(LlamaException.class)
                    .hasMessageContaining("No token can be chosen");
        }
    }

    @Test
    void anEncoderIsRefused(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("bert.gguf");
        SyntheticModel.builder(Architecture.NOMIC_BERT).write(file);
        try (LlamaModel encoder = LlamaModel.load(file)) {
            assertThatThrownBy(() -> LlamaEngine.start(encoder))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("Embedder");
        }
    }

    /** The hostile ones end by exceptions, before or while they run, and the others are as if they had been alone. */
    @Test
    void hostileGrammarsAndSchemasStopNothingElse() throws Exception {
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            List<Generation> generations = questions.stream()
                    .map(question -> engine.generate(greedy(question).build()))
                    .toList();
            Generation doubling = engine.generate(CompletionRequest.builder("x")
                    .sampling(SamplingOptions.builder()
                            .temperature(0)
                            .grammar("root ::= \"x\" root \"y\" | \"x\" root \"z\"")
                            .build())
                    .build());
            assertThatThrownBy(() -> SamplingOptions.builder().grammar("root ::= " + "(".repeat(60_000)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> JsonSchema.of("{\"items\":".repeat(60_000) + "{}" + "}".repeat(60_000)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> JsonSchema.of("{\"pattern\":\"" + "(".repeat(60_000) + "\"}"))
                    .isInstanceOf(IllegalArgumentException.class);
            for (int i = 0; i < generations.size(); i++) {
                CompletionResult result = generations.get(i).await();
                assertThat(model.tokenizer().decode(ids(result), true)).isEqualTo(answers.get(i));
            }
            assertThatThrownBy(doubling::await)
                    .isInstanceOf(LlamaException.class)
                    .hasMessageContaining("ambiguous");
        }
    }
}
