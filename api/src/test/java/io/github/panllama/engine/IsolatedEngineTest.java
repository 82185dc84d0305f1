package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.panllama.ContextFullException;
import io.github.panllama.FinishReason;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelLoadException;
import io.github.panllama.ModelOptions;
import io.github.panllama.SamplerStage;
import io.github.panllama.SamplingOptions;
import io.github.panllama.evaluation.Question;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An engine in another process gives what one in this process gives. */
class IsolatedEngineTest {
    private static final int READ_AHEAD = 8;

    private static LlamaModel model;
    private static LlamaEngine local;
    private static LlamaEngine isolated;

    @BeforeAll
    static void start() {
        model = EngineFixture.model();
        local = LlamaEngine.start(model, options().readAhead(READ_AHEAD).build());
        isolated = IsolatedFixture.start(engine -> engine.readAhead(READ_AHEAD));
    }

    @AfterAll
    static void close() {
        isolated.close();
        local.close();
        model.close();
    }

    @Test
    void manyAtATimeAnswerAsEachAlone() throws Exception {
        List<Question> questions = EngineFixture.questions(model);
        List<String> answers = EngineFixture.answers(model, questions);
        List<Generation> generations = questions.stream()
                .map(question -> isolated.generate(greedy(question).build()))
                .toList();
        for (int i = 0; i < generations.size(); i++) {
            CompletionResult result = get(generations.get(i).result());
            int[] tokens = result.tokens().stream().mapToInt(Integer::intValue).toArray();
            assertThat(isolated.decode(tokens, true)).isEqualTo(answers.get(i));
            assertThat(result.finishReason()).isEqualTo(FinishReason.STOP);
        }
        assertThat(isolated.stats().completed()).isGreaterThanOrEqualTo(questions.size());
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NOMIC_BERT", "BERT"})
    void everyArchitectureGivesTheSameTokens(Architecture architecture, @TempDir Path folder) throws Exception {
        Path file = folder.resolve("model.gguf");
        SyntheticModel.builder(architecture).write(file);
        CompletionRequest request = CompletionRequest.builder(RandomModel.prompt(20, 5))
                .sampling(SamplingOptions.greedy())
                .ignoreEndOfGeneration(true)
                .maxTokens(24)
                .build();
        EngineOptions options =
                RandomModel.options().sequences(2).contextSize(512).build();
        List<Integer> expected;
        try (LlamaModel here = RandomModel.load(file);
                LlamaEngine engine = LlamaEngine.start(here, options)) {
            expected = get(engine.generate(request).result()).tokens();
        }
        IsolatedOptions there = IsolatedOptions.builder()
                .model(ModelOptions.builder().gpuLayers(0).build())
                .engine(options)
                .build();
        try (LlamaEngine engine = LlamaEngine.startIsolated(file, there)) {
            assertThat(get(engine.generate(request).result()).tokens()).isEqualTo(expected);
            assertThat(engine.description().architecture()).isEqualTo(architecture.ggufName());
        }
    }

    private static CompletionRequest.Builder question() {
        return greedy("<｜begin▁of▁sentence｜><｜User｜>What is 47 + 85?<｜Assistant｜><think>");
    }

    /** Both engines, asked alone. */
    private static CompletionResult sameFromBoth(CompletionRequest request) throws Exception {
        CompletionResult expected = get(local.generate(request).result());
        CompletionResult result = get(isolated.generate(request).result());
        assertThat(result.text()).isEqualTo(expected.text());
        assertThat(result.tokens()).isEqualTo(expected.tokens());
        assertThat(result.finishReason()).isEqualTo(expected.finishReason());
        assertThat(result.stopText()).isEqualTo(expected.stopText());
        assertThat(result.logprobs()).isEqualTo(expected.logprobs());
        assertThat(result.usage().promptTokens()).isEqualTo(expected.usage().promptTokens());
        assertThat(result.usage().generatedTokens()).isEqualTo(expected.usage().generatedTokens());
        assertThat(result.timings().interToken())
                .hasSize(Math.max(0, result.tokens().size() - 1));
        assertThat(result.timings().duration()).isPositive();
        return result;
    }

    @Test
    void whatARequestAsksForIsTheSame() throws Exception {
        assertThat(sameFromBoth(question().stop("never", "tens ").build()).stopText())
                .contains("tens ");
        assertThat(sameFromBoth(question().logprobs(3).maxTokens(10).build()).logprobs())
                .hasSize(10);
        sameFromBoth(question()
                .stopTokens(model.tokenizer().encode("1", false, true))
                .build());
        sameFromBoth(question().maxTokens(3).build());
        sameFromBoth(question().speculation(Speculation.ngram()).build());
        sameFromBoth(question()
                .sampling(SamplingOptions.builder()
                        .temperature(0)
                        .grammar("root ::= \"yes\" | \"no\"")
                        .build())
                .build());
        sameFromBoth(question()
                .sampling(SamplingOptions.builder()
                        .temperature(0)
                        .bias(5, Float.NEGATIVE_INFINITY)
                        .build())
                .build());
        sameFromBoth(question()
                .sampling(SamplingOptions.builder().temperature(1).seed(7).build())
                .maxTokens(20)
                .build());
        sameFromBoth(CompletionRequest.builder(model.tokenizer().encode("Once upon"))
                .sampling(SamplingOptions.greedy())
                .maxTokens(9)
                .build());
        sameFromBoth(endless(model, 4200).contextFull(ContextFullPolicy.SHIFT).build());
    }

    @Test
    void chunksAreTheResultInPieces() throws Exception {
        Generation generation = isolated.generate(question().build());
        StringBuilder text = new StringBuilder();
        List<Integer> tokens = new ArrayList<>();
        for (GenerationChunk chunk : generation) {
            text.append(chunk.text());
            chunk.token().ifPresent(tokens::add);
        }
        assertThat(text).hasToString(get(generation.result()).text());
        assertThat(tokens).isEqualTo(get(generation.result()).tokens());
    }

    @Test
    void severalAnswersShareTheirPrompt() throws Exception {
        CompletionRequest request = CompletionRequest.builder(
                        "<｜User｜>" + "Tell me of the sea. ".repeat(20) + "<｜Assistant｜>")
                .sampling(SamplingOptions.builder().temperature(1.5f).build())
                .maxTokens(12)
                .build();
        List<Generation> generations = isolated.generate(request, 4);
        assertThat(generations).hasSize(4);
        int cached = 0;
        for (Generation generation : generations) {
            cached += get(generation.result()).usage().cachedTokens();
        }
        assertThat(cached).isPositive();
    }

    @Test
    void aSlowReaderPausesItsOwnGenerationAlone() throws Exception {
        long before = isolated.stats().generatedTokens();
        Generation slow = isolated.generate(endless(model, 400).build());
        Iterator<GenerationChunk> chunks = slow.iterator();
        StringBuilder text = new StringBuilder(chunks.next().text());
        Generation other = isolated.generate(endless(model, 800).build());
        assertThat(get(other.result()).tokens()).hasSize(800);
        assertThat(slow.isDone()).isFalse();
        // What the worker has computed of it is what may wait for the reader, and what was in flight when that came.
        long generated = isolated.stats().generatedTokens();
        assertThat(generated - before).isLessThan(800 + 400);
        assertThat(isolated.stats().generatedTokens()).isEqualTo(generated);
        while (chunks.hasNext()) {
            text.append(chunks.next().text());
        }
        CompletionResult result = get(slow.result());
        assertThat(result.tokens()).hasSize(400);
        assertThat(text).hasToString(result.text());
    }

    @Test
    void aReaderThatComesLatePausesItsGenerationToo() throws Exception {
        long before = isolated.stats().generatedTokens();
        try (Generation slow = isolated.generate(
                endless(model, 100_000).contextFull(ContextFullPolicy.SHIFT).build())) {
            while (isolated.stats().generatedTokens() < before + 20) {
                Thread.onSpinWait();
            }
            slow.iterator().next();
            assertThat(get(isolated.generate(endless(model, 400).build()).result())
                            .tokens())
                    .hasSize(400);
            long generated = isolated.stats().generatedTokens();
            assertThat(get(isolated.generate(endless(model, 100).build()).result())
                            .tokens())
                    .hasSize(100);
            assertThat(isolated.stats().generatedTokens()).isEqualTo(generated + 100);
            assertThat(slow.isDone()).isFalse();
        }
    }

    @Test
    void cancellingEndsItWithWhatItHas() throws Exception {
        Generation generation = isolated.generate(
                endless(model, 100_000).contextFull(ContextFullPolicy.SHIFT).build());
        generation.iterator().next();
        generation.cancel();
        CompletionResult result = get(generation.result());
        assertThat(result.finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(result.tokens()).isNotEmpty();
        assertThat(isolated.stats().active()).isZero();
    }

    @Test
    void timeRunsOut() throws Exception {
        Generation generation = isolated.generate(endless(model, 100_000)
                .contextFull(ContextFullPolicy.SHIFT)
                .timeout(Duration.ofMillis(200))
                .build());
        assertThat(get(generation.result()).finishReason()).isEqualTo(FinishReason.DEADLINE);
    }

    @Test
    void whatIsWrongIsThrownAsHere() {
        for (CompletionRequest request : List.of(
                CompletionRequest.of(""),
                CompletionRequest.builder(new int[] {-1}).build(),
                CompletionRequest.builder(new int[] {model.vocabularySize()}).build(),
                CompletionRequest.builder(new int[200_000]).build(),
                question()
                        .sampling(SamplingOptions.builder()
                                .grammar("root ::= nothing")
                                .build())
                        .build())) {
            Throwable expected = catchThrowable(() -> local.generate(request));
            assertThat(expected).isNotNull();
            assertThatThrownBy(() -> isolated.generate(request))
                    .hasSameClassAs(expected)
                    .hasMessage(expected.getMessage())
                    .satisfies(thrown -> assertThat(thrown.getStackTrace())
                            .anyMatch(frame -> frame.getMethodName().startsWith("lambda$whatIsWrongIsThrownAsHere")));
        }
        assertThatThrownBy(() -> isolated.generate(question().build(), 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> isolated.decode(new int[] {-1})).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aGenerationThatFailsFailsAsHere() throws Exception {
        CompletionRequest full =
                endless(model, 100_000).contextFull(ContextFullPolicy.FAIL).build();
        assertThatThrownBy(() -> isolated.generate(full).await())
                .isInstanceOf(ContextFullException.class)
                .hasMessageContaining("The context is full");
        CompletionRequest impossible = question()
                .sampling(SamplingOptions.of(List.of(
                        new SamplerStage.Grammar("root ::= \"\\x01\\x01\""),
                        new SamplerStage.TopK(1),
                        new SamplerStage.Greedy())))
                .build();
        Throwable expected = catchThrowable(() -> local.generate(impossible).await());
        Throwable thrown = catchThrowable(() -> isolated.generate(impossible).await());
        assertThat(thrown == null ? null : thrown.getClass()).isEqualTo(expected == null ? null : expected.getClass());
    }

    @Test
    void whatIsInThisProcessIsRefused() {
        CompletionRequest draft =
                question().speculation(Speculation.draftModel(model)).build();
        assertThatThrownBy(() -> isolated.generate(draft))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("draft model");
        assertThatThrownBy(isolated::model)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("description()");
    }

    @Test
    void textBecomesTokensAndBack() {
        String text = "Grüße, <｜User｜> 47 😀";
        for (boolean special : new boolean[] {true, false}) {
            int[] tokens = isolated.encode(text, special, special);
            assertThat(tokens).isEqualTo(model.tokenizer().encode(text, special, special));
            assertThat(isolated.decode(tokens, special))
                    .isEqualTo(model.tokenizer().decode(tokens, special));
        }
    }

    @Test
    void theModelIsDescribed() {
        assertThat(isolated.description()).isEqualTo(local.description());
        assertThat(isolated.sequenceContextSize()).isEqualTo(local.sequenceContextSize());
        assertThat(isolated.isIsolated()).isTrue();
        assertThat(isolated.stats().tuning().threads()).isEqualTo(1);
    }

    @Test
    void aFullQueueRefuses() throws Exception {
        try (LlamaEngine engine =
                IsolatedFixture.start(options -> options.sequences(1).queueCapacity(2))) {
            List<Generation> all = new ArrayList<>();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 10; i++) {
                            all.add(engine.generate(endless(model, 2000).build()));
                        }
                    })
                    .isInstanceOf(EngineBusyException.class)
                    .satisfies(busy -> assertThat(((EngineBusyException) busy).retryAfter())
                            .isNotNull());
            assertThat(all.size()).isBetween(2, 4);
            all.forEach(Generation::cancel);
            for (Generation generation : all) {
                assertThat(get(generation.result()).finishReason()).isEqualTo(FinishReason.CANCELLED);
            }
        }
    }

    @Test
    void closingFailsWhatRunsAndLeavesNothing() throws Exception {
        LlamaEngine engine = IsolatedFixture.start();
        ProcessHandle worker = IsolatedFixture.worker(engine);
        Generation running = engine.generate(endless(model, 4000).build());
        Session session = engine.openSession();
        engine.close();
        engine.close();
        assertThatThrownBy(running::await).isInstanceOf(EngineClosedException.class);
        assertThatThrownBy(() -> engine.generate(question().build())).isInstanceOf(EngineClosedException.class);
        assertThatThrownBy(() -> engine.encode("x")).isInstanceOf(EngineClosedException.class);
        assertThatThrownBy(engine::openSession).isInstanceOf(EngineClosedException.class);
        assertThat(engine.stats()).isNotNull();
        session.close();
        assertThat(worker.isAlive()).isFalse();
    }

    @Test
    void aModelThatCannotBeLoadedIsRefusedAsHere(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("broken.gguf");
        Files.writeString(file, "GGUF, but not really");
        Throwable expected = catchThrowable(() -> LlamaModel.load(file));
        List<String> before = IsolatedFixture.threads();
        assertThatThrownBy(() -> LlamaEngine.startIsolated(file))
                .isInstanceOf(ModelLoadException.class)
                .hasMessage(expected.getMessage());
        assertThat(IsolatedFixture.threads()).isEqualTo(before);
    }

    @Test
    void theLoadTellsItsProgressAndCanBeCancelled() {
        List<Float> fractions = new ArrayList<>();
        IsolatedOptions options =
                IsolatedFixture.options(_ -> {}).progress(fractions::add).build();
        try (LlamaEngine engine = LlamaEngine.startIsolated(TinyModel.path(), options)) {
            assertThat(engine.isIsolated()).isTrue();
            assertThat(fractions).isNotEmpty().endsWith(1f);
        }
        IsolatedOptions cancelling =
                IsolatedFixture.options(_ -> {}).progress(_ -> false).build();
        assertThatThrownBy(() -> LlamaEngine.startIsolated(TinyModel.path(), cancelling))
                .isInstanceOf(CancellationException.class);
    }

    @Test
    void aWorkerThatCannotStartSaysWhy() {
        IsolatedOptions options = IsolatedFixture.options(_ -> {})
                .workerJvmOptions(List.of("-XX:NoSuchOption"))
                .build();
        assertThatThrownBy(() -> LlamaEngine.startIsolated(TinyModel.path(), options))
                .isInstanceOf(LlamaException.class)
                .hasMessageContaining("NoSuchOption");
    }
}
