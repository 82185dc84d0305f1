package io.github.panllama.abuse;

import io.github.panllama.LlamaModel;
import io.github.panllama.Sampler;
import io.github.panllama.SamplerStage;
import io.github.panllama.SamplerStage.AdaptiveP;
import io.github.panllama.SamplerStage.Dry;
import io.github.panllama.SamplerStage.DynamicTemperature;
import io.github.panllama.SamplerStage.Greedy;
import io.github.panllama.SamplerStage.Infill;
import io.github.panllama.SamplerStage.LogitBias;
import io.github.panllama.SamplerStage.MinP;
import io.github.panllama.SamplerStage.Mirostat;
import io.github.panllama.SamplerStage.MirostatV2;
import io.github.panllama.SamplerStage.Penalties;
import io.github.panllama.SamplerStage.Temperature;
import io.github.panllama.SamplerStage.TopK;
import io.github.panllama.SamplerStage.TopNSigma;
import io.github.panllama.SamplerStage.TopP;
import io.github.panllama.SamplerStage.Typical;
import io.github.panllama.SamplerStage.Xtc;
import io.github.panllama.SamplingOptions;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufValue;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;

/** Parameters of sampler stages at and past their bounds, and chains that make no sense. */
final class SamplerStageCases {
    private static final float NAN = Float.NaN;
    private static final float[] NO_NUMBERS = {NAN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
    private static final float[] NO_SHARES = {NAN, -0.001f, 1.001f, Float.POSITIVE_INFINITY, -Float.MAX_VALUE};
    private static final float[] NOT_POSITIVE = {NAN, -1, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};

    private SamplerStageCases() {}

    static void register(AbuseCases cases) {
        cases.family("sampler stages");
        shares(cases);
        numbers(cases);
        counts(cases);
        tokens(cases);
        chains(cases);
    }

    private static void each(AbuseCases cases, String name, float[] values, Function<Float, Object> stage) {
        for (float value : values) {
            cases.rejects(
                    name + ' ' + value,
                    IllegalArgumentException.class,
                    f -> Objects.requireNonNull(stage.apply(value)));
        }
    }

    private static void shares(AbuseCases cases) {
        each(cases, "TopP", NO_SHARES, TopP::new);
        each(cases, "MinP", NO_SHARES, MinP::new);
        each(cases, "Typical", NO_SHARES, Typical::new);
        each(cases, "Xtc probability", NO_SHARES, p -> new Xtc(p, 0.1f, 1, 1));
        each(cases, "Xtc threshold", NO_SHARES, p -> new Xtc(0.1f, p, 1, 1));
        each(cases, "AdaptiveP target", NO_SHARES, p -> new AdaptiveP(p, 0.5f, 1));
        each(cases, "AdaptiveP decay", new float[] {NAN, -1, 1, 2}, p -> new AdaptiveP(0.5f, p, 1));
    }

    private static void numbers(AbuseCases cases) {
        each(cases, "TopNSigma", NO_NUMBERS, TopNSigma::new);
        each(cases, "Temperature", NOT_POSITIVE, Temperature::new);
        each(cases, "DynamicTemperature", NOT_POSITIVE, t -> new DynamicTemperature(t, 1, 1));
        each(cases, "DynamicTemperature range", NOT_POSITIVE, t -> new DynamicTemperature(1, t, 1));
        each(cases, "DynamicTemperature exponent", NO_NUMBERS, t -> new DynamicTemperature(1, 1, t));
        each(cases, "Mirostat tau", NOT_POSITIVE, t -> new Mirostat(1, t, 1, 100));
        each(cases, "Mirostat eta", NOT_POSITIVE, t -> new Mirostat(1, 1, t, 100));
        each(cases, "MirostatV2 tau", NOT_POSITIVE, t -> new MirostatV2(1, t, 1));
        each(cases, "MirostatV2 eta", NOT_POSITIVE, t -> new MirostatV2(1, 1, t));
        each(
                cases,
                "Penalties repeat",
                new float[] {NAN, 0, -1, Float.POSITIVE_INFINITY},
                p -> new Penalties(1, p, 0, 0));
        each(cases, "Penalties frequency", NO_NUMBERS, p -> new Penalties(1, 1, p, 0));
        each(cases, "Penalties presence", NO_NUMBERS, p -> new Penalties(1, 1, 0, p));
        each(cases, "Dry multiplier", NOT_POSITIVE, p -> new Dry(p, 2, 1, 1, List.of()));
        each(
                cases,
                "Dry base",
                new float[] {NAN, 0, 0.99f, Float.POSITIVE_INFINITY},
                p -> new Dry(1, p, 1, 1, List.of()));
        each(cases, "LogitBias", new float[] {NAN, Float.POSITIVE_INFINITY}, p -> new LogitBias(Map.of(1, p)));
        each(
                cases,
                "SamplingOptions temperature",
                NOT_POSITIVE,
                t -> SamplingOptions.builder().temperature(t));
        each(
                cases,
                "SamplingOptions xtc",
                NO_SHARES,
                p -> SamplingOptions.builder().xtc(p, p));
        each(
                cases,
                "SamplingOptions bias",
                new float[] {NAN, Float.POSITIVE_INFINITY},
                p -> SamplingOptions.builder().bias(1, p).build());
    }

    private static void counts(AbuseCases cases) {
        for (int count : new int[] {-1, Integer.MIN_VALUE}) {
            refused(cases, "TopK " + count, () -> new TopK(count));
            refused(cases, "TopP minKeep " + count, () -> new TopP(0.5f, count));
            refused(cases, "MinP minKeep " + count, () -> new MinP(0.5f, count));
            refused(cases, "Typical minKeep " + count, () -> new Typical(0.5f, count));
            refused(cases, "Xtc minKeep " + count, () -> new Xtc(0.5f, 0.5f, count, 1));
            refused(cases, "Mirostat m " + count, () -> new Mirostat(1, 1, 1, count));
            refused(cases, "Penalties lookBack " + count, () -> new Penalties(count, 1, 0, 0));
            refused(cases, "Dry lookBack " + count, () -> new Dry(1, 2, 1, count, List.of()));
            refused(cases, "Dry allowedLength " + count, () -> new Dry(1, 2, count, 1, List.of()));
            refused(
                    cases,
                    "SamplingOptions token " + count,
                    () -> SamplingOptions.builder().bias(count, 1));
        }
        refused(cases, "Mirostat m 0", () -> new Mirostat(1, 1, 1, 0));
        refused(cases, "Penalties lookBack 2^31-1", () -> new Penalties(Integer.MAX_VALUE, 2, 0, 0));
        refused(cases, "Dry lookBack 2^31-1", () -> new Dry(1, 2, 1, Integer.MAX_VALUE, List.of()));
        refused(cases, "Dry breaker with U+0000", () -> new Dry(1, 2, 1, 1, List.of("a\0")));
    }

    private static void refused(AbuseCases cases, String name, Supplier<Object> stage) {
        cases.rejects(name, IllegalArgumentException.class, f -> Objects.requireNonNull(stage.get()));
    }

    private static void tokens(AbuseCases cases) {
        for (int token : new int[] {-1, 512, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            cases.rejects(
                    "LogitBias of token " + token,
                    IndexOutOfBoundsException.class,
                    f -> make(f, new LogitBias(Map.of(token, 1f)), new Greedy()));
            cases.rejects(
                    "trigger token " + token,
                    IndexOutOfBoundsException.class,
                    f -> make(
                            f,
                            new SamplerStage.LazyGrammar("root ::= \"a\"", "root", List.of(), List.of(token)),
                            new Greedy()));
            cases.rejects("accept token " + token, IndexOutOfBoundsException.class, f -> {
                try (Sampler sampler = Sampler.greedy(f.model())) {
                    sampler.accept(token);
                }
            });
        }
        cases.rejects("LogitBias of a null", NullPointerException.class, f -> {
            Map<Integer, Float> biases = new HashMap<>();
            biases.put(1, null);
            new LogitBias(biases);
        });
        cases.rejects("Infill without a token that ends a turn", IllegalArgumentException.class, f -> {
            List<String> tokens = GgufFile.read(f.file())
                    .metadata()
                    .array("tokenizer.ggml.tokens")
                    .orElseThrow()
                    .strings();
            // llama.cpp knows it by its text.
            GgufValue others = GgufValue.texts(tokens.stream()
                    .map(text -> text.replace("endoftext", "stop"))
                    .toList());
            Path file = AbuseFiles.change(f.file(), f.newFile(), Map.of("tokenizer.ggml.tokens", others));
            try (LlamaModel model = LlamaModel.load(file)) {
                Sampler.of(model, new Infill(), new Greedy()).close();
            }
        });
    }

    private static void chains(AbuseCases cases) {
        cases.rejects("no stages", IllegalArgumentException.class, f -> make(f));
        SamplerStage[] noSelection = {
            new TopK(1), new TopP(0.5f), new Temperature(1), new Penalties(1, 2, 0, 0), new LogitBias(Map.of())
        };
        for (SamplerStage stage : noSelection) {
            cases.rejects("a chain that ends with " + stage, IllegalArgumentException.class, f -> make(f, stage));
        }
        cases.rejects(
                "a selection in the middle alone",
                IllegalArgumentException.class,
                f -> make(f, new Greedy(), new TopK(1)));
        cases.rejects("a null among the stages", NullPointerException.class, f -> make(f, null, new Greedy()));
        cases.lives("1,000 stages", f -> {
            SamplerStage[] stages = new SamplerStage[1000];
            java.util.Arrays.fill(stages, new TopK(40));
            stages[999] = new Greedy();
            make(f, stages);
        });
        cases.rejects("a stage for a model that is closed", IllegalStateException.class, f -> {
            LlamaModel model = f.freshModel();
            model.close();
            Sampler.greedy(model);
        });
    }

    private static void make(AbuseFixture fixture, SamplerStage... stages) {
        Sampler.of(fixture.model(), stages).close();
    }
}
