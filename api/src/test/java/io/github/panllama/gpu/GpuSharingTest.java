package io.github.panllama.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.FinishReason;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.CompletionResult;
import io.github.panllama.engine.EngineOptions;
import io.github.panllama.engine.Generation;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.evaluation.Question;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several engines and contexts compute on one card at the same time, and none waits for a prompt that nobody wants. */
@OnCard
class GpuSharingTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    /** Of one model, and of two that were loaded from one file. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void twoEnginesAnswerAtTheSameTime(boolean sameModel) {
        try (LlamaModel model = Card.load(TinyModel.path());
                LlamaModel other = Card.load(TinyModel.path());
                LlamaEngine first =
                        LlamaEngine.start(model, CardEngines.options(4).build());
                LlamaEngine second = LlamaEngine.start(
                        sameModel ? model : other, CardEngines.options(4).build())) {
            List<Question> questions = CardEngines.questions(model);
            List<CompletionRequest> requests = questions.stream()
                    .map(each -> CardEngines.greedy(each).build())
                    .toList();
            List<Generation> here = requests.stream().map(first::generate).toList();
            List<Generation> there = requests.stream().map(second::generate).toList();
            List<String> expected = CardEngines.answersOfTheCpu(questions);
            assertThat(CardEngines.agreement(texts(here), expected)).isGreaterThanOrEqualTo(0.9);
            assertThat(CardEngines.agreement(texts(there), expected)).isGreaterThanOrEqualTo(0.9);
        }
    }

    private static List<String> texts(List<Generation> generations) {
        return generations.stream().map(each -> CardEngines.result(each).text()).toList();
    }

    @Test
    void contextsOfOneModelComputeOnThreadsOfTheirOwn() throws IOException {
        Path file = folder.resolve("model.gguf");
        SyntheticModel.builder(Architecture.QWEN2).write(file);
        int count = 4;
        try (LlamaModel model = Card.load(file);
                ExecutorService threads = Executors.newFixedThreadPool(count)) {
            List<Walk> alone =
                    IntStream.range(0, count).mapToObj(i -> walk(model, i)).toList();
            List<CompletableFuture<Walk>> together = IntStream.range(0, count)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> walk(model, i), threads))
                    .toList();
            for (int i = 0; i < count; i++) {
                together.get(i).join().assertFollows("context " + i, alone.get(i), 1e-6);
            }
        }
    }

    private static Walk walk(LlamaModel model, int seed) {
        try (LlamaContext context = model.newContext(Card.context(512).build())) {
            return Walk.of(context, Walk.prompt(100 + seed, seed), 32);
        }
    }

    /** Small steps, so that the prompt takes hundreds of them. */
    @Test
    void aLongPromptIsLeftWhenItIsCancelled() throws IOException {
        Path file = folder.resolve("long.gguf");
        SyntheticModel.benchmark().contextLength(16_384).write(file);
        EngineOptions options = CardEngines.options(1)
                .contextSize(16_384)
                .batchSize(16)
                .prefixCache(false)
                .build();
        try (LlamaModel model = Card.load(file);
                LlamaEngine engine = LlamaEngine.start(model, options)) {
            Generation generation = engine.generate(request(Walk.prompt(12_000, 1)));
            awaitFirstStep(engine);
            generation.cancel();
            CompletionResult cancelled = CardEngines.result(generation);
            assertThat(cancelled.finishReason()).isEqualTo(FinishReason.CANCELLED);
            assertThat(cancelled.tokens()).isEmpty();
            assertThat(engine.stats().steps()).isLessThan(12_000 / 16);

            int[] next = Walk.prompt(40, 2);
            assertThat(CardEngines.result(engine.generate(request(next))).tokens())
                    .isEqualTo(Walk.of(model, Card.context(16_384).batchSize(16).build(), next, 8)
                            .tokens());
        }
    }

    private static void awaitFirstStep(LlamaEngine engine) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (engine.stats().usedCells() == 0) {
            assertThat(System.nanoTime() - end)
                    .as("the engine has not begun after %s", PATIENCE)
                    .isNegative();
            Thread.onSpinWait();
        }
    }

    private static CompletionRequest request(int[] prompt) {
        return CompletionRequest.builder(prompt)
                .maxTokens(8)
                .sampling(SamplingOptions.greedy())
                .ignoreEndOfGeneration(true)
                .build();
    }
}
