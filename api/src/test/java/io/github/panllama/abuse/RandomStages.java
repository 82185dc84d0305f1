package io.github.panllama.abuse;

import io.github.panllama.SamplerStage;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Stages and logits drawn at random, extremes more often than not. */
final class RandomStages {
    private RandomStages() {}

    static SamplerStage next(Random random) {
        return switch (random.nextInt(15)) {
            case 0 -> new SamplerStage.TopK(count(random));
            case 1 -> new SamplerStage.TopP(share(random), count(random));
            case 2 -> new SamplerStage.MinP(share(random), count(random));
            case 3 -> new SamplerStage.Typical(share(random), count(random));
            case 4 -> new SamplerStage.TopNSigma(number(random));
            case 5 -> new SamplerStage.Temperature(share(random) * 10);
            case 6 -> new SamplerStage.DynamicTemperature(share(random), share(random), number(random));
            case 7 -> new SamplerStage.Xtc(share(random), share(random), count(random), random.nextInt());
            case 8 ->
                new SamplerStage.Penalties(count(random) & 0xff, 0.5f + share(random), number(random), number(random));
            case 9 -> new SamplerStage.Dry(share(random), 1 + share(random), 1, count(random) & 0xff, List.of("\n"));
            case 10 -> new SamplerStage.LogitBias(Map.of(random.nextInt(512), number(random)));
            case 11 -> new SamplerStage.LogitBias(Map.of(random.nextInt(512), Float.NEGATIVE_INFINITY));
            case 12 -> new SamplerStage.Grammar("root ::= [a-z ]* \".\"");
            case 13 ->
                new SamplerStage.ReasoningBudget(count(random), "<think>", List.of("</think>", "a"), "b", "<think>");
            default -> new SamplerStage.Distribution(random.nextInt());
        };
    }

    static float[] logits(Random random, int count) {
        float[] logits = new float[count];
        float scale = new float[] {0, 1, 10, 1e4f, 1e30f, 1e38f}[random.nextInt(6)];
        int forbidden = new int[] {0, 2, 100}[random.nextInt(3)];
        for (int i = 0; i < count; i++) {
            logits[i] = forbidden > 0 && random.nextInt(forbidden) > 0
                    ? Float.NEGATIVE_INFINITY
                    : (float) random.nextGaussian() * scale;
            if (logits[i] == Float.POSITIVE_INFINITY) {
                logits[i] = Float.MAX_VALUE;
            }
        }
        return logits;
    }

    private static float share(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> 1;
            case 2 -> 1e-6f;
            default -> random.nextFloat();
        };
    }

    private static float number(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> 1e6f;
            case 2 -> -1e6f;
            default -> (float) random.nextGaussian();
        };
    }

    private static int count(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> Integer.MAX_VALUE;
            default -> random.nextInt(600);
        };
    }
}
