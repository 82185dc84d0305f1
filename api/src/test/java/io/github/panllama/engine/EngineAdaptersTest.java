package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.FinishReason;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.LoraAdapter;
import io.github.panllama.ModelLoadException;
import io.github.panllama.ModelOptions;
import io.github.panllama.SamplingOptions;
import io.github.panllama.TokenLogprob;
import io.github.panllama.synthetic.SyntheticLora;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineAdaptersTest {
    @TempDir
    static Path folder;

    private static LlamaModel model;
    private static LoraAdapter one;
    private static LoraAdapter other;
    private static Path file;
    private static List<Map<LoraAdapter, Float>> groups;

    @BeforeAll
    static void load() throws IOException {
        file = RandomModel.write(folder);
        model = RandomModel.load(file);
        one = adapter(model, 1);
        other = adapter(model, 2);
        groups = List.of(
                Map.of(), Map.of(one, 1f), Map.of(one, -0.5f), Map.of(other, 1f), Map.of(one, 0.5f, other, 0.5f));
    }

    @AfterAll
    static void close() {
        one.close();
        other.close();
        model.close();
    }

    private static LoraAdapter adapter(LlamaModel of, long seed) throws IOException {
        Path path = folder.resolve("lora-" + seed + ".gguf");
        SyntheticLora.write(path, file, 4, 0.5f, seed);
        return LoraAdapter.load(of, path);
    }

    private static int[] prompt(int i) {
        return RandomModel.prompt(20 + 3 * i, i);
    }

    private static CompletionRequest.Builder request(int prompt) {
        return CompletionRequest.builder(prompt(prompt))
                .sampling(SamplingOptions.greedy())
                .maxTokens(24)
                .logprobs(1);
    }

    private static CompletionRequest request(int prompt, Map<LoraAdapter, Float> adapters) {
        return request(prompt).adapters(adapters).build();
    }

    /** The same prompts in every group, so that a prefix or an adapter of another's would be taken if it could be. */
    @ParameterizedTest
    @CsvSource({"32, 16384, 2048", "6, 600, 64"})
    void eachAnswersAsAloneWhoeverElseAsks(int sequences, int cells, int batch) throws Exception {
        EngineOptions options = RandomModel.options()
                .sequences(sequences)
                .contextSize(cells)
                .batchSize(batch)
                .build();
        List<List<Generation>> generations = new ArrayList<>();
        try (LlamaEngine engine = LlamaEngine.start(model, options);
                LlamaContext context = RandomModel.context(model)) {
            for (int i = 0; i < 12; i++) {
                CompletionRequest[] requests = new CompletionRequest[groups.size()];
                for (int group = 0; group < requests.length; group++) {
                    requests[group] = request(i, groups.get(group));
                }
                generations.add(Arrays.stream(requests).map(engine::generate).toList());
            }
            for (int group = 0; group < groups.size(); group++) {
                double fromPlain = 0;
                for (int i = 0; i < generations.size(); i++) {
                    CompletionResult result = get(generations.get(i).get(group).result());
                    context.setAdapters(groups.get(group));
                    checkGreedy(result, RandomModel.logSoftmax(context, prompt(i), result.tokens()));
                    context.setAdapters(Map.of());
                    fromPlain += distance(result, RandomModel.logSoftmax(context, prompt(i), result.tokens()));
                }
                // Far more than rounding: with other adapters the check before would have failed.
                assertThat(fromPlain / generations.size() > 20 * RandomModel.ROUNDING)
                        .as("group %d is %f from the plain one", group, fromPlain / generations.size())
                        .isEqualTo(group != 0);
            }
        }
    }

    /** Loaded by the engine itself, in this process or in a worker. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void adaptersAndADraftModelThatTheEngineLoadsGiveTheSame(boolean isolated) throws Exception {
        List<Map<String, Float>> named = List.of(
                Map.of(),
                Map.of("one", 1f),
                Map.of("one", -0.5f),
                Map.of("other", 1f),
                Map.of("one", 0.5f, "other", 0.5f));
        EngineOptions options = RandomModel.options()
                .adapter("one", one.file())
                .adapter("other", other.file())
                .draftModel(file)
                .build();
        IsolatedOptions inWorker = IsolatedOptions.builder()
                .model(ModelOptions.builder().gpuLayers(0).build())
                .engine(options)
                .build();
        try (LlamaEngine engine =
                        isolated ? LlamaEngine.startIsolated(file, inWorker) : LlamaEngine.start(model, options);
                LlamaEngine reference =
                        LlamaEngine.start(model, RandomModel.options().build())) {
            for (int group = 0; group < named.size(); group++) {
                CompletionRequest.Builder request = request(1);
                named.get(group).forEach(request::adapter);
                List<Integer> expected = get(reference
                                .generate(request(1, groups.get(group)))
                                .result())
                        .tokens();
                assertThat(get(engine.generate(request.build()).result()).tokens())
                        .isEqualTo(expected);
            }
            Generation guessing = engine.generate(
                    request(1).speculation(Speculation.draftModel(4, 0)).build());
            CompletionResult result = get(guessing.result());
            assertThat(result.usage().acceptance()).isGreaterThan(0.9);
            assertThat(result.tokens())
                    .isEqualTo(get(reference.generate(request(1, Map.of())).result())
                            .tokens());
            CompletionRequest unknown = request(1).adapter("third", 1).build();
            assertThatThrownBy(() -> engine.generate(unknown))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no adapter named third");
            CompletionRequest guesses =
                    request(1).speculation(Speculation.draftModel()).build();
            assertThatThrownBy(() -> reference.generate(guesses))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("draftModel()");
        }
        EngineOptions missing = EngineOptions.builder()
                .adapter("x", folder.resolve("missing.gguf"))
                .build();
        assertThatThrownBy(() -> LlamaEngine.start(model, missing)).isInstanceOf(ModelLoadException.class);
        assertThatThrownBy(() -> CompletionRequest.builder("x").adapter("one", Float.NaN))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> EngineOptions.builder().adapter(" ", file))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Each token is the likeliest, and as likely as it is when nobody else asks. */
    private static void checkGreedy(CompletionResult result, List<double[]> alone) {
        for (int i = 0; i < alone.size(); i++) {
            TokenLogprob actual = result.logprobs().get(i);
            assertThat(actual.token())
                    .isEqualTo(actual.alternatives().getFirst().token());
            assertThat(actual.logprob()).isCloseTo(alone.get(i)[actual.token()], within(RandomModel.ROUNDING));
            assertThat(actual.logprob())
                    .isCloseTo(Arrays.stream(alone.get(i)).max().orElseThrow(), within(RandomModel.ROUNDING));
        }
    }

    private static double distance(CompletionResult result, List<double[]> alone) {
        return IntStream.range(0, alone.size())
                .mapToDouble(i -> Math.abs(result.logprobs().get(i).logprob()
                        - alone.get(i)[result.tokens().get(i)]))
                .average()
                .orElseThrow();
    }

    @Test
    void whatWasComputedServesTheSameAdaptersAlone() throws Exception {
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            for (Map<LoraAdapter, Float> group : groups) {
                assertThat(cached(engine, group)).isZero();
            }
            for (Map<LoraAdapter, Float> group : groups) {
                assertThat(cached(engine, group)).isEqualTo(prompt(0).length - 1);
            }
            // Scaled to nothing is none.
            assertThat(cached(engine, Map.of(one, 0f))).isEqualTo(prompt(0).length - 1);
            assertThat(cached(engine, Map.of(other, 1f, one, 0f))).isEqualTo(prompt(0).length - 1);
            assertThat(cached(engine, Map.of(one, 0.25f))).isZero();
        }
    }

    private static int cached(LlamaEngine engine, Map<LoraAdapter, Float> group) throws Exception {
        return get(engine.generate(request(0, group)).result()).usage().cachedTokens();
    }

    /** A long prompt of one group in small pieces, and tokens of another: neither waits for the other's end. */
    @Test
    void promptsAndTokensOfDifferentGroupsTakeTurns() throws Exception {
        int[] prompt = RandomModel.prompt(1600, 1);
        EngineOptions options =
                options().sequences(2).contextSize(8192).batchSize(16).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            Generation shorter =
                    engine.generate(endless(model, 20).adapters(Map.of(one, 1f)).build());
            Generation longer = engine.generate(
                    CompletionRequest.builder(prompt).maxTokens(2).build());
            CompletionResult first = get(shorter.result());
            CompletionResult second = get(longer.result());
            assertThat(first.tokens()).hasSize(20);
            assertThat(prompt.length / 16).isGreaterThan(3 * 20);
            // Submitted first, and so ended first, if its whole time is less than the other's to the first token.
            assertThat(first.timings().duration()).isLessThan(second.timings().timeToFirstToken());

            Generation many = engine.generate(
                    endless(model, 800).adapters(Map.of(one, 1f)).build());
            CompletionResult few = get(engine.generate(
                            CompletionRequest.builder(model.tokenizer().encode("Something else. ".repeat(20)))
                                    .maxTokens(2)
                                    .build())
                    .result());
            assertThat(few.timings().duration())
                    .isLessThan(get(many.result()).timings().duration());
        }
    }

    @Test
    void wrongAdaptersAreRefused() throws Exception {
        LoraAdapter closed = adapter(model, 3);
        closed.close();
        try (LlamaModel same = RandomModel.load(file);
                LoraAdapter ofSame = adapter(same, 4);
                LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            assertThatThrownBy(() -> engine.generate(request(0, Map.of(closed, 1f))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("lora-3.gguf is closed");
            assertThatThrownBy(() -> engine.generate(request(0, Map.of(closed, 0f))))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> engine.generate(request(0, Map.of(ofSame, 1f))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("lora-4.gguf was loaded for another model");
            for (float scale : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                assertThatThrownBy(() -> CompletionRequest.builder("x").adapters(Map.of(one, scale)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("is " + scale);
            }
            Map<LoraAdapter, Float> withNull = new HashMap<>();
            withNull.put(one, null);
            assertThatThrownBy(() -> CompletionRequest.builder("x").adapters(withNull))
                    .isInstanceOf(NullPointerException.class);
        }
    }

    @Test
    void closingAnAdapterEndsItsOwnGenerationsAlone() throws Exception {
        List<Integer> expected;
        List<Integer> expectedOther;
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            expected =
                    get(engine.generate(endless(model, 300).build()).result()).tokens();
            CompletionRequest adapted =
                    endless(model, 300).adapters(Map.of(other, 1f)).build();
            expectedOther = get(engine.generate(adapted).result()).tokens();
        }
        EngineOptions options = options().sequences(3).build();
        try (LlamaEngine engine = LlamaEngine.start(model, options)) {
            LoraAdapter closed = adapter(model, 5);
            CompletionRequest request =
                    endless(model, 1000).adapters(Map.of(closed, 1f)).build();
            Generation running = engine.generate(request);
            assertThat(running.iterator().next()).isNotNull();
            Generation plain = engine.generate(endless(model, 300).build());
            Generation adapted = engine.generate(
                    endless(model, 300).adapters(Map.of(other, 1f)).build());
            Generation waiting = engine.generate(request);
            closed.close();
            for (Generation lost : List.of(running, waiting)) {
                assertThatThrownBy(() -> get(lost.result()))
                        .isInstanceOf(ExecutionException.class)
                        .cause()
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("lora-5.gguf was closed before");
            }
            assertThat(get(plain.result()).tokens()).isEqualTo(expected);
            assertThat(get(adapted.result()).tokens()).isEqualTo(expectedOther);
            assertThat(get(engine.generate(request(0, Map.of(one, 1f))).result())
                            .finishReason())
                    .isEqualTo(FinishReason.LENGTH);
        }
    }
}
