package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Random choices have the probabilities that they should have. The seeds are fixed, so the results are too. */
class DistributionTest {
    private static final int DRAWS = 40_000;
    private static final int LIKELY = 16;

    @Test
    void choicesFollowTheSoftmax() {
        assertThat(chiSquare(1, new SamplerStage.Distribution(1))).isLessThan(bound());
    }

    @Test
    void choicesFollowTheSoftmaxAtATemperature() {
        assertThat(chiSquare(2, new SamplerStage.Temperature(2), new SamplerStage.Distribution(2)))
                .isLessThan(bound());
    }

    /** The measure is sharp enough to see a temperature that is a tenth off. */
    @Test
    void anotherTemperatureIsFarOff() {
        assertThat(chiSquare(1, new SamplerStage.Temperature(1.1f), new SamplerStage.Distribution(1)))
                .isGreaterThan(bound());
    }

    /** Fifteen degrees of freedom: more than 50 happens to one seed in 90,000. */
    private static double bound() {
        return 50;
    }

    /** The distance between what is drawn with these stages and the softmax at the given temperature. */
    private static double chiSquare(float temperature, SamplerStage... stages) {
        float[] logits = new float[TestModels.VOCABULARY];
        Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        double[] expected = new double[LIKELY];
        for (int i = 0; i < LIKELY; i++) {
            logits[i * 31] = i * 0.2f;
            expected[i] = Math.exp(i * 0.2f / temperature);
        }
        double sum = Arrays.stream(expected).sum();
        int[] drawn = new int[LIKELY];
        try (LlamaModel model = TestModels.llama();
                Sampler sampler = Sampler.of(model, stages)) {
            for (int i = 0; i < DRAWS; i++) {
                int token = sampler.sample(logits);
                assertThat(token % 31).isZero();
                drawn[token / 31]++;
            }
        }
        double distance = 0;
        for (int i = 0; i < LIKELY; i++) {
            double share = DRAWS * expected[i] / sum;
            distance += (drawn[i] - share) * (drawn[i] - share) / share;
        }
        return distance;
    }
}
