package io.github.panllama.abuse;

import io.github.panllama.BatchSampler;
import io.github.panllama.LlamaContext;
import io.github.panllama.Sampler;
import io.github.panllama.SamplerStage;
import io.github.panllama.SamplingException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Logits that are no scores, chains whose arithmetic overflows, and many rows at once. */
@SuppressWarnings("try") // closing early is what some cases are about
final class SamplingCases {
    private static final int VOCABULARY = 512;

    private SamplingCases() {}

    static void register(AbuseCases cases) {
        cases.family("sampling");
        logits(cases);
        overflow(cases);
        for (int seed = 1; seed <= 30; seed++) {
            int chosen = seed;
            cases.livesOr("random chain, seed " + seed, f -> random(f, chosen), SamplingException.class);
        }
        for (int seed = 1; seed <= 10; seed++) {
            int chosen = seed;
            cases.livesOr("random chain on a device, seed " + seed, f -> onDevice(f, chosen), SamplingException.class);
        }
        cases.family("batch sampler");
        batch(cases);
        arguments(cases);
    }

    private static void logits(AbuseCases cases) {
        for (int length : new int[] {0, 1, 511, 513, 1 << 20}) {
            cases.rejects("%d logits".formatted(length), IllegalArgumentException.class, f -> {
                try (Sampler sampler = Sampler.greedy(f.model())) {
                    sampler.sample(new float[length]);
                }
            });
        }
        for (SamplerStage last : selections()) {
            for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                cases.rejects(
                        "all logits %s, %s".formatted(value, last),
                        SamplingException.class,
                        f -> sample(f, filled(value), last));
            }
            cases.rejects("one logit NaN, " + last, SamplingException.class, f -> {
                float[] logits = new float[VOCABULARY];
                logits[77] = Float.NaN;
                sample(f, logits, last);
            });
            for (float value : new float[] {0, Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE}) {
                cases.livesOr(
                        "all logits %s, %s".formatted(value, last),
                        f -> sample(f, filled(value), last),
                        SamplingException.class);
            }
            cases.lives("one logit that is not -infinity, " + last, f -> {
                float[] logits = filled(Float.NEGATIVE_INFINITY);
                logits[77] = 1;
                sample(f, logits, last);
            });
        }
    }

    private static List<SamplerStage> selections() {
        return List.of(
                new SamplerStage.Greedy(),
                new SamplerStage.Distribution(1),
                new SamplerStage.Mirostat(1, 5, 0.1f, 100),
                new SamplerStage.MirostatV2(1, 5, 0.1f),
                new SamplerStage.AdaptiveP(0.5f, 0.9f, 1));
    }

    private static float[] filled(float value) {
        float[] logits = new float[VOCABULARY];
        Arrays.fill(logits, value);
        return logits;
    }

    private static void sample(AbuseFixture fixture, float[] logits, SamplerStage... stages) {
        try (Sampler sampler = Sampler.of(fixture.model(), stages)) {
            for (int i = 0; i < 3; i++) {
                sampler.sample(logits);
            }
        }
    }

    private static void overflow(AbuseCases cases) {
        List<SamplerStage> overflowing = List.of(
                new SamplerStage.Temperature(Float.MIN_VALUE),
                new SamplerStage.Temperature(Float.MAX_VALUE),
                new SamplerStage.DynamicTemperature(Float.MAX_VALUE, Float.MAX_VALUE, Float.MAX_VALUE),
                new SamplerStage.DynamicTemperature(Float.MIN_VALUE, Float.MIN_VALUE, -Float.MAX_VALUE),
                new SamplerStage.DynamicTemperature(0, 1, -1),
                new SamplerStage.Penalties(64, Float.MIN_VALUE, Float.MAX_VALUE, Float.MAX_VALUE),
                new SamplerStage.Penalties(64, Float.MAX_VALUE, -Float.MAX_VALUE, -Float.MAX_VALUE),
                new SamplerStage.Dry(Float.MAX_VALUE, Float.MAX_VALUE, 0, 64, List.of()),
                new SamplerStage.Dry(Float.MIN_VALUE, 1, 0, 1 << 20, List.of("", "a", "\n", "x".repeat(1000))),
                new SamplerStage.LogitBias(Map.of(1, Float.MAX_VALUE, 2, -Float.MAX_VALUE, 3, Float.MAX_VALUE)),
                new SamplerStage.TopNSigma(Float.MAX_VALUE),
                new SamplerStage.TopNSigma(-Float.MAX_VALUE),
                new SamplerStage.Xtc(1, 0, Integer.MAX_VALUE, 1),
                new SamplerStage.TopP(0, Integer.MAX_VALUE),
                new SamplerStage.MinP(1, Integer.MAX_VALUE),
                new SamplerStage.Typical(0, Integer.MAX_VALUE),
                new SamplerStage.TopK(Integer.MAX_VALUE));
        for (SamplerStage stage : overflowing) {
            cases.livesOr(
                    "overflow by " + stage.toString().replaceAll("x{10,}", "x…"),
                    f -> {
                        SamplerStage.Typical typical = new SamplerStage.Typical(0.9f);
                        SamplerStage.TopP topP = new SamplerStage.TopP(0.9f);
                        for (SamplerStage last : selections()) {
                            sample(f, steep(), stage, last);
                            sample(f, steep(), stage, stage, typical, topP, last);
                        }
                    },
                    SamplingException.class);
        }
        cases.livesOr(
                "Mirostat of the largest",
                f -> sample(
                        f, steep(), new SamplerStage.Mirostat(1, Float.MAX_VALUE, Float.MAX_VALUE, Integer.MAX_VALUE)),
                SamplingException.class);
        cases.livesOr(
                "MirostatV2 of the largest",
                f -> sample(f, steep(), new SamplerStage.MirostatV2(1, Float.MAX_VALUE, Float.MAX_VALUE)),
                SamplingException.class);
    }

    /** Logits of every size, large ones too. */
    private static float[] steep() {
        float[] logits = new float[VOCABULARY];
        for (int i = 0; i < VOCABULARY; i++) {
            logits[i] = (i % 2 == 0 ? 1 : -1) * (float) Math.pow(10, i % 39);
        }
        return logits;
    }

    /** A chain of random stages with random parameters, over random logits; all in their documented bounds. */
    private static void random(AbuseFixture fixture, int seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            SamplerStage[] stages = new SamplerStage[2 + random.nextInt(5)];
            for (int i = 0; i < stages.length - 1; i++) {
                stages[i] = RandomStages.next(random);
            }
            stages[stages.length - 1] = selections().get(random.nextInt(5));
            float[] logits = RandomStages.logits(random, VOCABULARY);
            try {
                sample(fixture, logits, stages);
            } catch (SamplingException e) {
                // As documented: nothing was left to choose from.
                if (e.getMessage() == null) {
                    throw new IllegalStateException("no message", e);
                }
            }
        }
    }

    /** The same, offered to the device: what it takes has to live through a decode, and the rest stays the host's. */
    private static void onDevice(AbuseFixture fixture, int seed) {
        Random random = new Random(seed);
        try (LlamaContext context = fixture.context()) {
            int taken = 0;
            for (int round = 0; round < 60; round++) {
                SamplerStage[] stages = new SamplerStage[1 + random.nextInt(3)];
                for (int i = 0; i < stages.length - 1; i++) {
                    stages[i] = RandomStages.next(random);
                }
                stages[stages.length - 1] = selections().get(random.nextInt(5));
                context.memory().clear();
                try (Sampler sampler = Sampler.of(fixture.model(), stages)) {
                    taken += context.setDeviceSampler(random.nextInt(2), sampler) ? 1 : 0;
                    int row = AbuseFixture.decode(context, 0, 0, 3);
                    sampler.sample(context, row);
                } catch (SamplingException e) {
                    // As documented: nothing was left to choose from.
                    if (e.getMessage() == null) {
                        throw new IllegalStateException("no message", e);
                    }
                }
            }
            if (taken == 0) {
                throw new IllegalStateException("the device has taken none of the chains");
            }
        }
    }

    private static void batch(AbuseCases cases) {
        rejects(cases, "count 0", IllegalArgumentException.class, 0, new int[] {2}, 1, 1);
        rejects(cases, "count -1", IllegalArgumentException.class, -1, new int[] {2}, 1, 1);
        rejects(cases, "count past its capacity", IllegalArgumentException.class, 5, new int[5], 5, 5);
        rejects(cases, "count past the rows", IllegalArgumentException.class, 2, new int[] {2}, 2, 2);
        rejects(cases, "count past the samplers", IllegalArgumentException.class, 2, new int[] {2, 2}, 1, 2);
        rejects(cases, "count past the tokens", IllegalArgumentException.class, 2, new int[] {2, 2}, 2, 1);
        rejects(cases, "count 2^31-1", IllegalArgumentException.class, Integer.MAX_VALUE, new int[] {2}, 1, 1);
        rejects(cases, "row -1", IndexOutOfBoundsException.class, 1, new int[] {-1}, 1, 1);
        rejects(cases, "row past the batch", IndexOutOfBoundsException.class, 1, new int[] {3}, 1, 1);
        rejects(cases, "row without an output", IllegalArgumentException.class, 1, new int[] {1}, 1, 1);
        rejects(cases, "a good row and a wrong one", IndexOutOfBoundsException.class, 2, new int[] {2, 99}, 2, 2);
        cases.lives("the same row twice", f -> sample(f, 2, new int[] {2, 2}, 2, 2));
    }

    private static void rejects(
            AbuseCases cases,
            String name,
            Class<? extends Throwable> type,
            int count,
            int[] rows,
            int samplers,
            int tokens) {
        cases.rejects(name, type, f -> sample(f, count, rows, samplers, tokens));
    }

    private static void sample(AbuseFixture f, int count, int[] rows, int samplers, int tokens) {
        Sampler[] chains = new Sampler[samplers];
        Arrays.setAll(chains, i -> Sampler.greedy(f.model()));
        try (LlamaContext context = f.decoded(3);
                BatchSampler sampler = BatchSampler.create(4, 2)) {
            sampler.sample(context, count, rows, chains, new int[tokens]);
        } finally {
            for (Sampler chain : chains) {
                chain.close();
            }
        }
    }

    private static void arguments(AbuseCases cases) {
        int[][] wrong = {{0, 1}, {-1, 1}, {Integer.MAX_VALUE, 1}, {1, 0}, {1, -1}, {1, 257}, {1, Integer.MAX_VALUE}};
        for (int[] arguments : wrong) {
            cases.rejects(
                    "create " + Arrays.toString(arguments),
                    IllegalArgumentException.class,
                    f -> BatchSampler.create(arguments[0], arguments[1]));
        }
        cases.rejects("the same sampler twice", IllegalStateException.class, f -> {
            try (LlamaContext context = f.decoded(3);
                    BatchSampler sampler = BatchSampler.create(4, 2);
                    Sampler chain = Sampler.greedy(f.model())) {
                sampler.sample(context, 2, new int[] {2, 2}, new Sampler[] {chain, chain}, new int[2]);
            }
        });
        cases.lives("a sampler is free again after a call that was refused", f -> {
            try (LlamaContext context = f.decoded(3);
                    BatchSampler sampler = BatchSampler.create(4, 2);
                    Sampler chain = Sampler.greedy(f.model())) {
                try {
                    sampler.sample(context, 2, new int[] {2, 2}, new Sampler[] {chain, chain}, new int[2]);
                } catch (IllegalStateException expected) {
                    sampler.sample(context, 1, new int[] {2}, new Sampler[] {chain}, new int[1]);
                }
            }
        });
        cases.rejects("a null among the samplers", NullPointerException.class, f -> {
            try (LlamaContext context = f.decoded(3);
                    BatchSampler sampler = BatchSampler.create(4, 2)) {
                sampler.sample(context, 1, new int[] {2}, new Sampler[1], new int[1]);
            }
        });
        cases.rejects("a closed sampler among them", IllegalStateException.class, f -> {
            try (LlamaContext context = f.decoded(3);
                    BatchSampler sampler = BatchSampler.create(4, 2);
                    Sampler chain = Sampler.greedy(f.model())) {
                chain.close();
                sampler.sample(context, 1, new int[] {2}, new Sampler[] {chain}, new int[1]);
            }
        });
        for (int index : new int[] {-1, 4, Integer.MAX_VALUE}) {
            cases.rejects("error " + index, IndexOutOfBoundsException.class, f -> {
                try (BatchSampler sampler = BatchSampler.create(4, 2)) {
                    sampler.error(index);
                }
            });
        }
        cases.lives("256 threads", f -> BatchSampler.create(4, 256).close());
        cases.lives("a row that its grammar forbids, the others not touched", f -> {
            SamplerStage grammar = new SamplerStage.Grammar("root ::= <[3]>");
            SamplerStage bias = new SamplerStage.LogitBias(Map.of(3, Float.NEGATIVE_INFINITY));
            try (LlamaContext context = f.decoded(3);
                    BatchSampler sampler = BatchSampler.create(4, 2);
                    Sampler good = Sampler.greedy(f.model());
                    Sampler dry = Sampler.of(f.model(), grammar, bias, new SamplerStage.Greedy())) {
                int[] tokens = new int[2];
                int failed = sampler.sample(context, 2, new int[] {2, 2}, new Sampler[] {dry, good}, tokens);
                if (failed != 1
                        || tokens[0] != BatchSampler.NO_TOKEN
                        || tokens[1] < 0
                        || sampler.error(0).isEmpty()) {
                    throw new IllegalStateException("failed " + failed + ", tokens " + Arrays.toString(tokens));
                }
            }
        });
    }
}
