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
import io.github.panllama.ModelOptions;
import io.github.panllama.QuantizationOptions;
import io.github.panllama.QuantizationType;
import io.github.panllama.Quantizer;
import io.github.panllama.SamplingOptions;
import io.github.panllama.evaluation.Question;
import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A generation that guesses gives what one that does not gives, in fewer steps. */
class SpeculationTest {
    @TempDir
    private static Path folder;

    private static LlamaModel model;
    private static LlamaModel smaller;
    private static List<Question> questions;
    private static List<String> answers;

    @BeforeAll
    static void load() throws IOException {
        model = EngineFixture.model();
        Path file = folder.resolve("smaller.gguf");
        QuantizationOptions quantization = QuantizationOptions.builder(QuantizationType.Q4_0)
                .allowRequantize()
                .build();
        Quantizer.quantize(TinyModel.path(), file, quantization);
        smaller = LlamaModel.load(file, ModelOptions.builder().gpuLayers(0).build());
        questions = EngineFixture.questions(model);
        answers = EngineFixture.answers(model, questions);
    }

    @AfterAll
    static void close() {
        smaller.close();
        model.close();
    }

    enum Kind {
        NGRAM,
        SAME_MODEL,
        SMALLER_MODEL;

        Speculation speculation() {
            return switch (this) {
                case NGRAM -> Speculation.ngram(2, 8);
                case SAME_MODEL -> Speculation.draftModel(model);
                case SMALLER_MODEL -> Speculation.draftModel(smaller, 5, 0);
            };
        }
    }

    /** Alone and many at a time; rooms of their own; drafts cut by a small batch; caches with room for few. */
    @ParameterizedTest
    @CsvSource({
        "NGRAM, 1, 2048, 2048, true, 1",
        "NGRAM, 16, 16384, 2048, true, 1",
        "NGRAM, 16, 16384, 2048, false, 1",
        "NGRAM, 16, 16384, 2048, true, 2",
        "NGRAM, 16, 16384, 24, true, 2",
        "NGRAM, 16, 1200, 2048, true, 1",
        "SAME_MODEL, 1, 2048, 2048, true, 1",
        "SAME_MODEL, 16, 16384, 2048, true, 1",
        "SAME_MODEL, 16, 16384, 2048, false, 3",
        "SAME_MODEL, 16, 16384, 24, true, 1",
        "SAME_MODEL, 16, 1200, 2048, true, 1",
        "SMALLER_MODEL, 1, 2048, 2048, true, 1",
        "SMALLER_MODEL, 16, 16384, 2048, true, 2",
        "SMALLER_MODEL, 16, 16384, 2048, false, 1"
    })
    void greedyAnswersAreThoseOfPlainGreedy(
            Kind kind, int sequences, int cells, int batch, boolean unified, int everyWhich) throws Exception {
        EngineOptions options = options()
                .sequences(sequences)
                .contextSize(cells)
                .batchSize(batch)
                .context(context -> {
                    EngineFixture.fixed(context);
                    context.unifiedKvCache(unified);
                })
                .build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            List<Generation> generations = new ArrayList<>();
            for (int i = 0; i < questions.size(); i++) {
                CompletionRequest.Builder request = greedy(questions.get(i));
                generations.add(engine.generate(
                        (i % everyWhich == 0 ? request.speculation(kind.speculation()) : request).build()));
            }
            long drafted = 0;
            long accepted = 0;
            for (int i = 0; i < generations.size(); i++) {
                CompletionResult result = get(generations.get(i).result());
                assertThat(model.tokenizer().decode(ids(result), true)).isEqualTo(answers.get(i));
                assertThat(result.finishReason()).isEqualTo(FinishReason.STOP);
                drafted += result.usage().draftedTokens();
                accepted += result.usage().acceptedTokens();
                assertThat(result.usage().draftedTokens() == 0 || i % everyWhich == 0)
                        .isTrue();
            }
            assertThat(accepted).isPositive().isLessThanOrEqualTo(drafted);
            if (kind == Kind.SAME_MODEL) {
                assertThat((double) accepted / drafted).isGreaterThan(0.98);
            }
            assertThat(engine.stats().draftedTokens()).isEqualTo(drafted);
            assertThat(engine.stats().acceptedTokens()).isEqualTo(accepted);
            assertThat(engine.stats().usedCells()).isLessThanOrEqualTo(cells);
        }
    }

    private static int[] ids(CompletionResult result) {
        return result.tokens().stream().mapToInt(Integer::intValue).toArray();
    }

    @ParameterizedTest
    @EnumSource
    void everyAcceptedTokenSavesAStep(Kind kind) throws Exception {
        LlamaEngine engine = LlamaEngine.start(model, options().build());
        Usage usage;
        try (engine) {
            CompletionRequest request =
                    endless(model, 200).speculation(kind.speculation()).build();
            usage = get(engine.generate(request).result()).usage();
        }
        assertThat(usage.generatedTokens()).isEqualTo(200);
        assertThat(usage.acceptance()).isBetween(0.01, 1.0);
        // Closed, it has counted its last step too.
        assertThat(engine.stats().steps()).isEqualTo(200 - usage.acceptedTokens());
        assertThat(engine.stats().generatedTokens()).isEqualTo(200);
    }

    @ParameterizedTest
    @EnumSource
    void everyNumberOfTokensIsKept(Kind kind) throws Exception {
        EngineOptions options = options().sequences(1).contextSize(512).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            CompletionResult plain =
                    get(engine.generate(endless(model, 100_000).build()).result());
            List<Integer> sizes =
                    new ArrayList<>(IntStream.rangeClosed(1, 24).boxed().toList());
            sizes.add(plain.tokens().size() - 1);
            sizes.add(100_000);
            for (int most : sizes) {
                CompletionResult result = get(engine.generate(endless(model, most)
                                .speculation(kind.speculation())
                                .build())
                        .result());
                int expected = Math.min(most, plain.tokens().size());
                assertThat(result.tokens()).isEqualTo(plain.tokens().subList(0, expected));
                assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void stopTextsAndStopTokensEndAtTheSamePlace(Kind kind) throws Exception {
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            CompletionResult all =
                    get(engine.generate(endless(model, 150).build()).result());
            for (int at = 0; at < all.text().length() - 4; at += 7) {
                String stop = all.text().substring(at, at + 4);
                compare(engine, kind, () -> endless(model, 150).stop("never", stop));
            }
            for (int at = 0; at < all.tokens().size(); at += 11) {
                int stop = all.tokens().get(at);
                compare(engine, kind, () -> endless(model, 150).stopTokens(stop));
            }
        }
    }

    /** The same request without and with speculation; answers what came of the latter. */
    private static CompletionResult compare(LlamaEngine engine, Kind kind, Supplier<CompletionRequest.Builder> request)
            throws Exception {
        CompletionResult plain = get(engine.generate(request.get().build()).result());
        Generation generation =
                engine.generate(request.get().speculation(kind.speculation()).build());
        StringBuilder streamed = new StringBuilder();
        generation.forEach(chunk -> streamed.append(chunk.text()));
        CompletionResult result = get(generation.result());
        assertThat(result.tokens()).isEqualTo(plain.tokens());
        assertThat(result.text()).isEqualTo(plain.text());
        assertThat(streamed).hasToString(plain.text());
        assertThat(result.finishReason()).isEqualTo(plain.finishReason());
        assertThat(result.stopText()).isEqualTo(plain.stopText());
        return result;
    }

    @ParameterizedTest
    @EnumSource
    void whatIsDrawnByChanceIsTheSame(Kind kind) throws Exception {
        int accepted = 0;
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            for (int i = 0; i < 40; i++) {
                SamplingOptions sampling = SamplingOptions.builder()
                        .temperature(0.9f)
                        .seed(i)
                        .penalties(32, 1.1f, 0, 0)
                        .build();
                String prompt = questions.get(i).prompt().orElseThrow();
                accepted += compare(
                                engine,
                                kind,
                                () -> CompletionRequest.builder(prompt)
                                        .maxTokens(60)
                                        .sampling(sampling))
                        .usage()
                        .acceptedTokens();
            }
        }
        assertThat(accepted).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void aGrammarIsObeyed(Kind kind) throws Exception {
        SamplingOptions sampling = SamplingOptions.builder()
                .temperature(0)
                .grammar("root ::= (\"one, two; \" | \"two, one; \")+")
                .bias(model.tokenizer().endOfText().orElseThrow(), Float.NEGATIVE_INFINITY)
                .build();
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            CompletionResult result = compare(
                    engine,
                    kind,
                    () -> CompletionRequest.builder("x").maxTokens(90).sampling(sampling));
            assertThat(result.text()).matches("(one, two; |two, one; )+[onetw,; ]*");
            assertThat(kind != Kind.NGRAM || result.usage().acceptedTokens() > 20)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aGrammarThatRunsDryFailsAfterTheSameText(Kind kind) {
        SamplingOptions dry = SamplingOptions.builder()
                .temperature(0)
                .grammar("root ::= \"" + "one, two; ".repeat(5) + "\" \"\\u0001\\u0001\"")
                .bias(model.tokenizer().endOfText().orElseThrow(), Float.NEGATIVE_INFINITY)
                .build();
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            CompletionRequest.Builder request =
                    CompletionRequest.builder("x").maxTokens(90).sampling(dry);
            String plain = untilFailure(engine.generate(request.build()));
            String guessed = untilFailure(
                    engine.generate(request.speculation(kind.speculation()).build()));
            assertThat(guessed).isEqualTo(plain).startsWith("one, two; one, two; one, two; ");
        }
    }

    private static String untilFailure(Generation generation) {
        StringBuilder text = new StringBuilder();
        assertThatThrownBy(() -> generation.forEach(chunk -> text.append(chunk.text())))
                .isInstanceOf(LlamaException.class)
                .hasMessageContaining("No token can be chosen");
        return text.toString();
    }

    @ParameterizedTest
    @EnumSource
    void aCancelledGenerationLeavesTheOthersAlone(Kind kind) throws Exception {
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            Generation cancelled = engine.generate(
                    endless(model, 900).speculation(kind.speculation()).build());
            Generation other = engine.generate(
                    greedy(questions.getFirst()).speculation(kind.speculation()).build());
            int read = 0;
            for (GenerationChunk chunk : cancelled) {
                assertThat(chunk).isNotNull();
                if (++read == 20) {
                    cancelled.cancel();
                }
            }
            assertThat(get(cancelled.result()).finishReason()).isEqualTo(FinishReason.CANCELLED);
            assertThat(model.tokenizer().decode(ids(get(other.result())), true)).isEqualTo(answers.getFirst());
            assertThat(get(cancelled.result()).tokens()).hasSizeBetween(20, 899);
            CompletionResult after = get(engine.generate(greedy(questions.get(1))
                            .speculation(kind.speculation())
                            .build())
                    .result());
            assertThat(model.tokenizer().decode(ids(after), true)).isEqualTo(answers.get(1));
        }
    }

    /** What was guessed wrongly is not in the way of the next turn, also where a sequence cannot share a part. */
    @ParameterizedTest
    @CsvSource({"NGRAM, true", "NGRAM, false", "SMALLER_MODEL, true", "SMALLER_MODEL, false"})
    void aConversationGoesOnWhereItWas(Kind kind, boolean unified) throws Exception {
        EngineOptions options = options()
                .sequences(2)
                .contextSize(2048)
                .context(context -> {
                    EngineFixture.fixed(context);
                    context.unifiedKvCache(unified);
                })
                .build();
        String first = "<｜begin▁of▁sentence｜><｜User｜>My name is Anna.<｜Assistant｜><think></think>";
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            CompletionResult one = get(engine.generate(
                            greedy(first).speculation(kind.speculation()).build())
                    .result());
            String second =
                    first + one.text() + "<｜end▁of▁sentence｜><｜User｜>What is my name?<｜Assistant｜><think></think>";
            CompletionResult two = get(engine.generate(
                            greedy(second).speculation(kind.speculation()).build())
                    .result());
            assertThat(two.text()).contains("Anna");
            assertThat(two.usage().cachedTokens())
                    .isEqualTo(one.usage().promptTokens() + one.usage().generatedTokens());
        }
    }

    @Test
    void aSmallTargetLatencyLeavesTheAnswersAsTheyAre() throws Exception {
        EngineOptions options =
                options().targetInterTokenLatency(Duration.ofMillis(2)).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            List<Generation> generations = questions.stream()
                    .map(question -> engine.generate(greedy(question)
                            .speculation(Speculation.ngram(2, 16))
                            .build()))
                    .toList();
            for (int i = 0; i < generations.size(); i++) {
                assertThat(model.tokenizer().decode(ids(get(generations.get(i).result())), true))
                        .isEqualTo(answers.get(i));
            }
        }
    }
}
