package io.github.panllama.engine;

import static io.github.panllama.engine.EngineFixture.endless;
import static io.github.panllama.engine.EngineFixture.get;
import static io.github.panllama.engine.EngineFixture.greedy;
import static io.github.panllama.engine.EngineFixture.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.TokenLogprob;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineLogprobsTest {
    private static LlamaModel model;

    @BeforeAll
    static void load() {
        model = EngineFixture.model();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static void check(TokenLogprob actual, double[] expected, int token, int count) {
        assertThat(actual.token()).isEqualTo(token);
        assertThat(actual.logprob()).isCloseTo(expected[token], within(RandomModel.ROUNDING));
        assertThat(actual.alternatives())
                .hasSize(count)
                .allSatisfy(each ->
                        assertThat(each.logprob()).isCloseTo(expected[each.token()], within(RandomModel.ROUNDING)));
        assertThat(actual.alternatives())
                .isSortedAccordingTo((a, b) -> Double.compare(b.logprob(), a.logprob()))
                .doesNotHaveDuplicates();
        double[] sorted = IntStream.range(0, expected.length)
                .mapToDouble(i -> -expected[i])
                .sorted()
                .toArray();
        for (int i = 0; i < count; i++) {
            assertThat(actual.alternatives().get(i).logprob()).isCloseTo(-sorted[i], within(RandomModel.ROUNDING));
        }
    }

    /** Likeliest and random choices, few and many alternatives, and some that ask for nothing, together. */
    @Test
    void eachTokenHasItsOwnLogarithmWhoeverElseIsComputed(@TempDir Path folder) throws Exception {
        EngineOptions options =
                RandomModel.options().sequences(8).contextSize(4096).build();
        try (LlamaModel random = RandomModel.load(RandomModel.write(folder));
                LlamaEngine engine = LlamaEngine.start(random, options);
                LlamaContext context = RandomModel.context(random)) {
            List<Generation> generations = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                CompletionRequest.Builder request =
                        CompletionRequest.builder(prompt(i)).maxTokens(30);
                request.sampling(
                        i % 2 == 0
                                ? SamplingOptions.greedy()
                                : SamplingOptions.builder()
                                        .temperature(2)
                                        .seed(i)
                                        .build());
                if (i % 4 != 3) {
                    request.logprobs(10 * (i % 4));
                }
                generations.add(engine.generate(request.build()));
            }
            int checked = 0;
            for (int i = 0; i < generations.size(); i++) {
                CompletionResult result = get(generations.get(i).result());
                if (i % 4 == 3) {
                    assertThat(result.logprobs()).isEmpty();
                    continue;
                }
                List<double[]> expected = RandomModel.logSoftmax(context, prompt(i), result.tokens());
                assertThat(result.logprobs()).hasSize(result.tokens().size());
                for (int j = 0; j < expected.size(); j++) {
                    check(
                            result.logprobs().get(j),
                            expected.get(j),
                            result.tokens().get(j),
                            10 * (i % 4));
                    checked++;
                }
            }
            assertThat(checked).isGreaterThan(300);
        }
    }

    private static int[] prompt(int i) {
        return RandomModel.prompt(5 + i, i);
    }

    @Test
    void whatEndsAGenerationHasNoneAndEveryOtherTokenHas() throws Exception {
        String prompt = "<｜begin▁of▁sentence｜><｜User｜>What is 47 + 85?<｜Assistant｜><think>";
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            int comma = model.tokenizer().encode(",")[0];
            for (CompletionRequest.Builder request : List.of(
                    greedy(prompt),
                    greedy(prompt).stop("never", "tens "),
                    greedy(prompt).stopTokens(comma),
                    greedy(prompt).maxTokens(3),
                    endless(model, 30))) {
                Generation generation = engine.generate(request.logprobs(3).build());
                List<TokenLogprob> streamed = new ArrayList<>();
                List<Integer> tokens = new ArrayList<>();
                for (GenerationChunk chunk : generation) {
                    assertThat(chunk.logprob().isPresent())
                            .isEqualTo(chunk.token().isPresent());
                    chunk.logprob().ifPresent(streamed::add);
                    chunk.token().ifPresent(tokens::add);
                }
                CompletionResult result = get(generation.result());
                assertThat(result.logprobs()).isEqualTo(streamed).isNotEmpty();
                assertThat(streamed.stream().map(TokenLogprob::token)).isEqualTo(result.tokens());
                assertThat(tokens).isEqualTo(result.tokens());
            }
        }
    }

    /** They are the model's, not the sampler's: what a bias forbids stays the likeliest. */
    @Test
    void samplingDoesNotChangeThem() throws Exception {
        String prompt = "<｜begin▁of▁sentence｜><｜User｜>What is 47 + 85?<｜Assistant｜><think>";
        try (LlamaEngine engine = LlamaEngine.start(model, options().build())) {
            TokenLogprob free = first(engine, greedy(prompt));
            assertThat(free.alternatives().getFirst())
                    .isEqualTo(new TokenLogprob.Alternative(free.token(), free.logprob()));
            SamplingOptions other = SamplingOptions.builder()
                    .bias(free.token(), Float.NEGATIVE_INFINITY)
                    .temperature(0)
                    .build();
            TokenLogprob forbidden = first(engine, greedy(prompt).sampling(other));
            assertThat(forbidden.alternatives().stream().map(TokenLogprob.Alternative::token))
                    .isEqualTo(free.alternatives().stream()
                            .map(TokenLogprob.Alternative::token)
                            .toList());
            assertThat(forbidden.token()).isEqualTo(free.alternatives().get(1).token());
            assertThat(forbidden.logprob()).isLessThan(free.logprob());
        }
    }

    private static TokenLogprob first(LlamaEngine engine, CompletionRequest.Builder request) throws Exception {
        Generation generation = engine.generate(request.maxTokens(1).logprobs(4).build());
        return get(generation.result()).logprobs().getFirst();
    }

    @Test
    void wrongNumbersAreRefused() {
        for (int wrong : new int[] {-1, 101, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> CompletionRequest.builder("x").logprobs(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("logprobs is " + wrong)
                    .hasMessageContaining("[0, 100]");
        }
    }
}
