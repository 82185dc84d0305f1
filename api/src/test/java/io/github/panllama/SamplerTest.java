package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
    private static LlamaModel model;

    @BeforeAll
    static void load() {
        model = TestModels.llama();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** Every stage that does not select, alone before a choice; and those that select. */
    static Stream<List<SamplerStage>> chains() {
        SamplerStage choice = new SamplerStage.Distribution(3);
        Stream<List<SamplerStage>> changing = Stream.<SamplerStage>of(
                        new SamplerStage.TopK(20),
                        new SamplerStage.TopP(0.9f),
                        new SamplerStage.MinP(0.1f),
                        new SamplerStage.Typical(0.9f),
                        new SamplerStage.TopNSigma(1.5f),
                        new SamplerStage.Temperature(0.7f),
                        new SamplerStage.Temperature(0),
                        new SamplerStage.DynamicTemperature(0.8f, 0.3f, 1),
                        new SamplerStage.Xtc(0.5f, 0.1f, 1, 3),
                        new SamplerStage.Penalties(64, 1.1f, 0.2f, 0.2f),
                        new SamplerStage.Dry(0.8f, 1.75f, 2, 64, List.of("\n", ":")),
                        new SamplerStage.LogitBias(Map.of(3, 2f)),
                        new SamplerStage.Grammar("root ::= [a-z]+"),
                        new SamplerStage.LazyGrammar("root ::= \"x\"", "root", List.of("(x)"), List.of(7)),
                        new SamplerStage.ReasoningBudget(3, "<think>", List.of("</think>"), "Enough.", "<think>"))
                .map(stage -> List.of(stage, choice));
        Stream<List<SamplerStage>> selecting = Stream.of(
                List.of(new SamplerStage.Greedy()),
                List.of(choice),
                List.of(new SamplerStage.Mirostat(3, 5, 0.1f, 100)),
                List.of(new SamplerStage.MirostatV2(3, 5, 0.1f)),
                List.of(new SamplerStage.AdaptiveP(0.5f, 0.9f, 3)));
        return Stream.concat(changing, selecting);
    }

    @ParameterizedTest
    @MethodSource("chains")
    void everyStageChoosesTokensAndRepeatsThemAfterResetAndAsACopy(List<SamplerStage> stages) {
        try (Sampler sampler = Sampler.of(model, stages)) {
            assertThat(sampler.stages()).isEqualTo(stages);
            int[] first = choose(sampler, 12, 1);
            sampler.reset();
            assertThat(choose(sampler, 12, 1)).isEqualTo(first);
            try (Sampler copy = sampler.copy()) {
                if (stages.getLast() instanceof SamplerStage.AdaptiveP) {
                    sampler.reset(); // its copies begin their random numbers anew
                    copy.reset();
                }
                assertThat(choose(copy, 12, 2)).isEqualTo(choose(sampler, 12, 2));
            }
            try (Sampler again = Sampler.of(model, stages)) {
                assertThat(choose(again, 12, 1)).isEqualTo(first);
            }
        }
    }

    /** The native code then looks at the best alone: blocks of every size, and what is between them. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 40, 300, 700, 100_000})
    void aChainThatBeginsWithTopKChoosesWhatItWouldFromAll(int k, @TempDir Path folder) throws IOException {
        Path file = folder.resolve("wide.gguf");
        SyntheticModel.builder(Architecture.LLAMA).vocabularySize(20_011).write(file);
        List<SamplerStage> stages = List.of(
                new SamplerStage.TopK(k),
                new SamplerStage.TopP(0.97f),
                new SamplerStage.Temperature(1.3f),
                new SamplerStage.Distribution(9));
        List<SamplerStage> fromAll = Stream.concat(Stream.of(new SamplerStage.TopK(0)), stages.stream())
                .toList();
        try (LlamaModel wide = LlamaModel.load(
                        file, ModelOptions.builder().gpuLayers(0).build());
                Sampler sampler = Sampler.of(wide, stages);
                Sampler reference = Sampler.of(wide, fromAll)) {
            Random random = new Random(k);
            Set<Integer> chosen = new HashSet<>();
            for (int i = 0; i < 60; i++) {
                float[] logits = new float[20_011];
                for (int j = 0; j < logits.length; j++) {
                    logits[j] = (float) random.nextGaussian();
                }
                if (i % 3 == 1) {
                    // Almost all are ruled out, and the best are side by side.
                    Arrays.fill(logits, 0, logits.length - 50, Float.NEGATIVE_INFINITY);
                }
                int token = sampler.sample(logits);
                assertThat(token).isEqualTo(reference.sample(logits));
                chosen.add(token);
            }
            assertThat(chosen).hasSizeGreaterThan(20);
            float[] broken = new float[20_011];
            broken[20_010] = Float.NaN;
            assertThatThrownBy(() -> sampler.sample(broken)).hasMessageContaining("NaN");
            float[] none = new float[20_011];
            Arrays.fill(none, Float.NEGATIVE_INFINITY);
            assertThatThrownBy(() -> sampler.sample(none)).isInstanceOf(SamplingException.class);
        }
    }

    @Test
    void seedsThatDifferChooseDifferently() {
        assertThat(chooseWith(new SamplerStage.Distribution(1)))
                .isNotEqualTo(chooseWith(new SamplerStage.Distribution(2)));
        SamplerStage random = new SamplerStage.Distribution(SamplerStage.RANDOM_SEED);
        assertThat(chooseWith(random)).isNotEqualTo(chooseWith(random));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void stagesThatLeaveOneCandidateAreGreedy(long seed) {
        int[] greedy = chooseWith(new SamplerStage.Greedy());
        SamplerStage choice = new SamplerStage.Distribution((int) seed);
        assertThat(greedy).isEqualTo(expectedGreedy(32, 1));
        assertThat(chooseWith(new SamplerStage.TopK(1), choice)).isEqualTo(greedy);
        assertThat(chooseWith(new SamplerStage.TopP(0), choice)).isEqualTo(greedy);
        assertThat(chooseWith(new SamplerStage.MinP(1), choice)).isEqualTo(greedy);
        assertThat(chooseWith(new SamplerStage.Temperature(0), choice)).isEqualTo(greedy);
    }

    @Test
    void topKNeverChoosesOutsideTheBest() {
        float[] logits = logits(5);
        int[] best = IntStream.range(0, logits.length)
                .boxed()
                .sorted((a, b) -> Float.compare(logits[b], logits[a]))
                .limit(10)
                .mapToInt(Integer::intValue)
                .toArray();
        try (Sampler sampler = Sampler.of(
                model, new SamplerStage.TopK(10), new SamplerStage.Temperature(3), new SamplerStage.Distribution(4))) {
            int[] chosen =
                    IntStream.range(0, 500).map(i -> sampler.sample(logits)).toArray();
            assertThat(best).contains(chosen);
            assertThat(Arrays.stream(chosen).distinct().count()).isGreaterThan(5);
        }
    }

    @Test
    void aBiasOfMinusInfinityForbidsAToken() {
        float[] logits = logits(6);
        int best = TestModels.argmax(logits);
        try (Sampler sampler = Sampler.of(
                model, new SamplerStage.LogitBias(Map.of(best, Float.NEGATIVE_INFINITY)), new SamplerStage.Greedy())) {
            assertThat(sampler.sample(logits)).isNotEqualTo(best);
        }
    }

    @Test
    void aBiasMakesATokenTheLikeliest() {
        try (Sampler sampler =
                Sampler.of(model, new SamplerStage.LogitBias(Map.of(17, 1000f)), new SamplerStage.Greedy())) {
            assertThat(choose(sampler, 8, 1)).containsOnly(17);
        }
    }

    @Test
    void penaltiesLowerRepeats() {
        SamplerStage temperature = new SamplerStage.Temperature(0.5f);
        SamplerStage choice = new SamplerStage.Distribution(11);
        long without = distinctOfSameLogits(temperature, choice);
        long with = distinctOfSameLogits(new SamplerStage.Penalties(64, 1f, 1f, 3f), temperature, choice);
        assertThat(with).isGreaterThan(without);
    }

    @Test
    void penaltiesSeeTheTokensOfThePrompt() {
        float[] logits = logits(8);
        int best = TestModels.argmax(logits);
        try (Sampler sampler =
                Sampler.of(model, new SamplerStage.Penalties(64, 1f, 0f, 100f), new SamplerStage.Greedy())) {
            sampler.accept(best);
            assertThat(sampler.sample(logits)).isNotEqualTo(best);
            sampler.reset();
            assertThat(sampler.sample(logits)).isEqualTo(best);
        }
    }

    @Test
    void dryBreaksALoop() {
        float[] logits = new float[TestModels.VOCABULARY];
        logits['b'] = 5;
        logits['c'] = 4;
        try (Sampler sampler =
                Sampler.of(model, new SamplerStage.Dry(5, 2, 1, 64, List.of()), new SamplerStage.Greedy())) {
            for (char token : "xababa".toCharArray()) {
                sampler.accept(token);
            }
            assertThat(sampler.sample(logits)).isEqualTo('c');
        }
    }

    @Test
    void logitsThatAreNotNumbersAreRefusedAndAcceptNothing() {
        SamplerStage penalties = new SamplerStage.Penalties(64, 1f, 0f, 100f);
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            float[] logits = logits(9);
            float[] damaged = logits.clone();
            damaged[100] = bad;
            for (SamplerStage choice : List.of(new SamplerStage.Greedy(), new SamplerStage.Distribution(1))) {
                try (Sampler sampler = Sampler.of(model, penalties, choice)) {
                    assertThatThrownBy(() -> sampler.sample(damaged))
                            .isInstanceOf(SamplingException.class)
                            .hasMessageContaining("not numbers");
                    assertThat(sampler.sample(logits)).isBetween(0, TestModels.VOCABULARY - 1);
                }
            }
            try (Sampler greedy = Sampler.greedy(model)) {
                assertThatThrownBy(() -> greedy.sample(damaged)).isInstanceOf(SamplingException.class);
            }
        }
    }

    @Test
    void aVocabularyWithEveryTokenForbiddenIsRefused() {
        float[] none = new float[TestModels.VOCABULARY];
        Arrays.fill(none, Float.NEGATIVE_INFINITY);
        for (SamplerStage choice : List.of(new SamplerStage.Greedy(), new SamplerStage.Distribution(1))) {
            try (Sampler sampler = Sampler.of(model, choice)) {
                assertThatThrownBy(() -> sampler.sample(none))
                        .isInstanceOf(SamplingException.class)
                        .hasMessageContaining("no token is allowed");
            }
        }
    }

    @Test
    void infillChoosesBetweenEndingAndGoingOn() {
        int end = model.tokenizer().endOfTurn().orElseThrow();
        try (Sampler sampler = Sampler.of(model, new SamplerStage.Infill(), new SamplerStage.Greedy())) {
            float[] logits = new float[TestModels.VOCABULARY];
            logits[end] = 20;
            assertThat(sampler.sample(logits)).isEqualTo(end);
            logits['a'] = 40;
            assertThat(sampler.sample(logits)).isEqualTo('a');
        }
    }

    @Test
    void aChainMustEndWithAChoice() {
        assertThatThrownBy(() -> Sampler.of(model, new SamplerStage.TopK(3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("selects");
        assertThatThrownBy(() -> Sampler.of(model)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theUsualOptionsBecomeTheUsualChain() {
        SamplingOptions options = SamplingOptions.builder()
                .temperature(0.7f)
                .topK(30)
                .topP(0.9f)
                .minP(0.05f)
                .seed(5)
                .build();
        assertThat(options.stages())
                .containsExactly(
                        new SamplerStage.TopK(30),
                        new SamplerStage.TopP(0.9f),
                        new SamplerStage.MinP(0.05f),
                        new SamplerStage.Temperature(0.7f),
                        new SamplerStage.Distribution(5));
        assertThat(SamplingOptions.greedy().stages()).containsExactly(new SamplerStage.Greedy());
        try (Sampler sampler = Sampler.of(model, SamplingOptions.defaults())) {
            assertThat(sampler.sample(logits(1))).isBetween(0, TestModels.VOCABULARY - 1);
        }
    }

    @Test
    void aContextsRowIsSampledLikeItsLogits() {
        try (LlamaContext context = model.newContext(TestModels.context(64).build());
                Batch batch = context.newBatch(8);
                Sampler ofRow = Sampler.of(model, new SamplerStage.Distribution(21));
                Sampler ofArray = ofRow.copy()) {
            batch.addAll(TestModels.prompt(8, 1), 0, 8, 0, 0, true);
            context.decode(batch);
            float[] logits = context.logits(7).toArray();
            for (int i = 0; i < 50; i++) {
                assertThat(ofRow.sample(context, 7)).isEqualTo(ofArray.sample(logits));
            }
            assertThatThrownBy(() -> ofRow.sample(context, 3)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> ofRow.sample(context, 8)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    private static long distinctOfSameLogits(SamplerStage... stages) {
        float[] logits = logits(7);
        try (Sampler sampler = Sampler.of(model, stages)) {
            return IntStream.range(0, 40)
                    .map(i -> sampler.sample(logits))
                    .distinct()
                    .count();
        }
    }

    private static int[] chooseWith(SamplerStage... stages) {
        try (Sampler sampler = Sampler.of(model, stages)) {
            return choose(sampler, 32, 1);
        }
    }

    /** What the sampler chooses from {@code count} rows of logits in turn. */
    static int[] choose(Sampler sampler, int count, long seed) {
        return IntStream.range(0, count)
                .map(i -> sampler.sample(logits(seed + i)))
                .toArray();
    }

    private static int[] expectedGreedy(int count, long seed) {
        return IntStream.range(0, count)
                .map(i -> TestModels.argmax(logits(seed + i)))
                .toArray();
    }

    /** Logits of a plausible spread; one clear best. */
    static float[] logits(long seed) {
        Random random = new Random(seed * 31 + 7);
        float[] logits = new float[TestModels.VOCABULARY];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) random.nextGaussian() * 2;
        }
        return logits;
    }
}
