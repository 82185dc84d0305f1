package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sampling by llama.cpp's backend samplers, here those of the CPU backend. */
class DeviceSamplerTest {
    private static final int[] PROMPT = TestModels.prompt(12, 7);
    private static final int DRAWS = 4000;

    private LlamaModel model;
    private LlamaContext context;
    private float[] logits;

    @BeforeEach
    void open() {
        model = TestModels.llama();
        context = model.newContext(TestModels.context(256).maxSequences(4).build());
        logits = TestModels.evaluate(context, 0, 0, PROMPT);
    }

    @AfterEach
    void close() {
        context.close();
        model.close();
    }

    /** Computes the last token of the prompt again. */
    private void decodeLast(Batch batch) {
        context.memory().remove(0, PROMPT.length - 1, ContextMemory.END);
        batch.clear();
        batch.add(PROMPT[PROMPT.length - 1], PROMPT.length - 1, 0, true);
        context.decode(batch);
    }

    private static SamplerStage choice() {
        return new SamplerStage.Distribution(11);
    }

    static List<List<SamplerStage>> chains() {
        int[] likeliest = {3, 100, 200};
        return List.of(
                List.of(new SamplerStage.Temperature(0.6f), choice()),
                List.of(new SamplerStage.TopK(6), choice()),
                List.of(new SamplerStage.TopK(20), new SamplerStage.Temperature(0.5f), choice()),
                List.of(new SamplerStage.Temperature(0.7f), new SamplerStage.TopP(0.6f), choice()),
                List.of(new SamplerStage.Temperature(0.7f), new SamplerStage.MinP(0.2f), choice()),
                List.of(
                        new SamplerStage.LogitBias(
                                Map.of(likeliest[0], 2f, likeliest[1], 1.5f, likeliest[2], Float.NEGATIVE_INFINITY)),
                        new SamplerStage.TopK(12),
                        new SamplerStage.TopP(0.8f),
                        new SamplerStage.MinP(0.1f),
                        new SamplerStage.Temperature(0.7f),
                        choice()));
    }

    /** What the stages leave of the probabilities, written down from their definitions. */
    private static double[] distribution(float[] logits, List<SamplerStage> stages) {
        double[] scores =
                IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).toArray();
        for (SamplerStage stage : stages) {
            double[] shares = softmax(scores);
            List<Integer> order = IntStream.range(0, scores.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer token) -> -scores[token]))
                    .toList();
            switch (stage) {
                case SamplerStage.LogitBias(Map<Integer, Float> biases) ->
                    biases.forEach((token, bias) -> scores[token] += bias);
                case SamplerStage.TopK(int k) ->
                    order.subList(k, order.size()).forEach(token -> scores[token] = Double.NEGATIVE_INFINITY);
                case SamplerStage.TopP(float p, int _) -> {
                    double sum = 0;
                    for (int token : order) {
                        double before = sum;
                        sum += shares[token];
                        scores[token] = before >= p ? Double.NEGATIVE_INFINITY : scores[token];
                    }
                }
                case SamplerStage.MinP(float p, int _) -> {
                    double least = p * shares[order.getFirst()];
                    order.stream()
                            .filter(token -> shares[token] < least)
                            .forEach(token -> scores[token] = Double.NEGATIVE_INFINITY);
                }
                case SamplerStage.Temperature(float temperature) -> Arrays.setAll(scores, i -> scores[i] / temperature);
                default -> {}
            }
        }
        return softmax(scores);
    }

    private static double[] softmax(double[] scores) {
        double max = Arrays.stream(scores).max().orElseThrow();
        double sum = Arrays.stream(scores).map(score -> Math.exp(score - max)).sum();
        return Arrays.stream(scores).map(score -> Math.exp(score - max) / sum).toArray();
    }

    /** Pearson's statistic, divided by its degrees of freedom; rare tokens are counted as one. */
    private static double chiSquare(int[] counts, double[] expected) {
        double sum = 0;
        double rareExpected = 0;
        int rare = 0;
        int cells = 0;
        for (int token = 0; token < counts.length; token++) {
            double mean = DRAWS * expected[token];
            if (mean < 5) {
                rareExpected += mean;
                rare += counts[token];
            } else {
                sum += (counts[token] - mean) * (counts[token] - mean) / mean;
                cells++;
            }
        }
        if (rareExpected >= 5) {
            sum += (rare - rareExpected) * (rare - rareExpected) / rareExpected;
            cells++;
        }
        assertThat(cells).isGreaterThan(2);
        return sum / (cells - 1);
    }

    /** 1 on average; seeds are fixed. A chain without one of its stages is far above. */
    @ParameterizedTest
    @MethodSource("chains")
    void theDeviceDrawsFromTheDistributionOfTheStages(List<SamplerStage> stages) {
        double[] expected = distribution(logits, stages);
        int[] counts = new int[TestModels.VOCABULARY];
        try (Sampler sampler = Sampler.of(model, stages);
                Batch batch = context.newBatch()) {
            assertThat(context.setDeviceSampler(0, sampler)).isTrue();
            for (int i = 0; i < DRAWS; i++) {
                decodeLast(batch);
                counts[sampler.sample(context, 0)]++;
            }
        }
        for (int token = 0; token < counts.length; token++) {
            if (expected[token] == 0) {
                assertThat(counts[token])
                        .as("token %d, which is ruled out", token)
                        .isZero();
            }
        }
        assertThat(chiSquare(counts, expected)).isLessThan(2.5);
        for (int i = 0; i < stages.size() - 1; i++) {
            List<SamplerStage> without = new ArrayList<>(stages);
            without.remove(i);
            double[] other = distribution(logits, without);
            if (IntStream.range(0, other.length)
                            .mapToDouble(t -> Math.abs(other[t] - expected[t]))
                            .sum()
                    > 0.05) {
                assertThat(chiSquare(counts, other)).as("without stage %d", i).isGreaterThan(2.5);
            }
        }
    }

    @Test
    void theLikeliestTokenIsTheSame() {
        List<List<SamplerStage>> greedy = List.of(
                List.of(new SamplerStage.Greedy()),
                List.of(
                        new SamplerStage.LogitBias(Map.of(TestModels.argmax(logits), Float.NEGATIVE_INFINITY)),
                        new SamplerStage.Greedy()));
        for (List<SamplerStage> stages : greedy) {
            try (Sampler host = Sampler.of(model, stages);
                    Sampler device = Sampler.of(model, stages);
                    Batch batch = context.newBatch()) {
                context.setDeviceSampler(0, null);
                decodeLast(batch);
                int expected = host.sample(context, 0);
                assertThat(context.setDeviceSampler(0, device)).isTrue();
                decodeLast(batch);
                assertThat(device.sample(context, 0)).isEqualTo(expected);
            }
        }
    }

    @Test
    void sequencesOfBothKindsStandInOneBatch() {
        SamplerStage[] greedy = {new SamplerStage.Greedy()};
        try (Sampler device = Sampler.of(model, greedy);
                Sampler host = Sampler.of(model, greedy);
                BatchSampler sampler = BatchSampler.create(2, 1);
                Batch batch = context.newBatch()) {
            assertThat(context.setDeviceSampler(1, device)).isTrue();
            context.memory().clear();
            for (int sequence = 0; sequence < 2; sequence++) {
                for (int i = 0; i < PROMPT.length; i++) {
                    batch.add(PROMPT[i], i, sequence, i == PROMPT.length - 1);
                }
            }
            context.decode(batch);
            int[] tokens = new int[2];
            int[] rows = {PROMPT.length - 1, 2 * PROMPT.length - 1};
            assertThat(sampler.sample(context, 2, rows, new Sampler[] {host, device}, tokens))
                    .isZero();
            assertThat(sampler.onDevice()).isEqualTo(1);
            assertThat(tokens).containsOnly(TestModels.argmax(logits));
            assertThat(TestModels.distance(context.logits(rows[0]).toArray(), logits))
                    .isLessThan(1e-3);
            assertThatThrownBy(() -> context.logits(rows[1]))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("row 23")
                    .hasMessageContaining("device");
            // Two outputs of such a sequence in one batch are refused, and nothing is lost.
            batch.clear();
            batch.add(1, PROMPT.length, 1, true);
            batch.add(2, PROMPT.length + 1, 1, true);
            assertThatThrownBy(() -> context.decode(batch)).isInstanceOf(DecodeException.class);
            context.setDeviceSampler(1, null);
            context.decode(batch);
            assertThat(context.logits(1).size()).isEqualTo(TestModels.VOCABULARY);
        }
    }

    @Test
    void anotherSeedTakesThePlaceOfOneAndGivesItsOwnTokens() {
        List<Integer> first = draws(1);
        assertThat(draws(2)).isNotEqualTo(first);
        assertThat(draws(1)).isEqualTo(first);
        context.setDeviceSampler(0, null);
        assertThat(draws(1)).isEqualTo(first);
    }

    private List<Integer> draws(int seed) {
        try (Sampler sampler =
                        Sampler.of(model, new SamplerStage.Temperature(0.5f), new SamplerStage.Distribution(seed));
                Batch batch = context.newBatch()) {
            assertThat(context.setDeviceSampler(0, sampler)).isTrue();
            List<Integer> tokens = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                decodeLast(batch);
                tokens.add(sampler.sample(context, 0));
            }
            return tokens;
        }
    }

    /** Chains that llama.cpp would run wrongly on a device, or abort on, and those that it cannot run there. */
    @Test
    void whatTheDeviceCannotRunIsLeftToTheHost() {
        SamplerStage greedy = new SamplerStage.Greedy();
        List<List<SamplerStage>> refused = List.of(
                List.of(new SamplerStage.TopK(TestModels.VOCABULARY + 1), choice()),
                List.of(new SamplerStage.TopK(1 << 20), choice()),
                List.of(new SamplerStage.TopK(5), new SamplerStage.TopK(10), choice()),
                List.of(new SamplerStage.TopK(5), greedy),
                List.of(new SamplerStage.TopP(0.5f), greedy),
                List.of(new SamplerStage.TopK(5), new SamplerStage.LogitBias(Map.of(400, 1f)), choice()),
                List.of(new SamplerStage.TopP(0.5f, 3), choice()),
                List.of(new SamplerStage.MinP(0.5f, 3), choice()),
                List.of(new SamplerStage.MinP(1), choice()),
                List.of(new SamplerStage.Temperature(0), choice()),
                List.of(new SamplerStage.Typical(0.5f), choice()),
                List.of(new SamplerStage.Penalties(64, 1.2f, 0, 0), greedy),
                List.of(new SamplerStage.Grammar("root ::= \"x\"*"), greedy),
                List.of(new SamplerStage.MirostatV2(1, 5, 0.1f)));
        for (List<SamplerStage> stages : refused) {
            try (Sampler sampler = Sampler.of(model, stages);
                    Batch batch = context.newBatch()) {
                assertThat(context.setDeviceSampler(0, sampler))
                        .as("%s", stages)
                        .isFalse();
                decodeLast(batch);
                assertThat(sampler.sample(context, 0)).isBetween(0, TestModels.VOCABULARY - 1);
                assertThat(TestModels.distance(context.logits(0).toArray(), logits))
                        .isLessThan(1e-3);
            }
        }
    }

    @Test
    void samplersMayBeClosedBeforeTheContextAndAfterIt() {
        Sampler early = Sampler.greedy(model);
        assertThat(context.setDeviceSampler(0, early)).isTrue();
        early.close();
        Sampler late = Sampler.of(model, new SamplerStage.Distribution(1));
        assertThat(context.setDeviceSampler(1, late)).isTrue();
        try (Batch batch = context.newBatch();
                Sampler host = Sampler.greedy(model)) {
            decodeLast(batch);
            assertThat(host.sample(context, 0)).isEqualTo(TestModels.argmax(logits));
        }
        context.close();
        assertThat(late.seed()).isEqualTo(OptionalInt.of(1));
        late.close();
        assertThatThrownBy(() -> context.setDeviceSampler(0, null)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void wrongSequencesAreRefused() {
        for (int sequence : new int[] {-1, 4, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> context.setDeviceSampler(sequence, null))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("sequence is " + sequence);
        }
    }
}
