package io.github.panllama.abuse;

import io.github.panllama.Device;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.LoadMode;
import io.github.panllama.ModelLoadException;
import io.github.panllama.ModelOptions;
import io.github.panllama.SplitMode;
import io.github.panllama.synthetic.Architecture;
import java.util.Collections;
import java.util.List;

/** Options of a load that make no sense, for the model or at all. */
final class LoadOptionCases {
    private LoadOptionCases() {}

    static void register(AbuseCases cases) {
        cases.family("load options");
        layers(cases);
        devices(cases);
        placements(cases);
        overrides(cases);
        experts(cases);
        modes(cases);
    }

    private static ModelOptions.Builder options() {
        return ModelOptions.builder();
    }

    private static void layers(AbuseCases cases) {
        for (int layers : new int[] {-2, -100, Integer.MIN_VALUE}) {
            cases.rejects(
                    "gpuLayers " + layers,
                    IllegalArgumentException.class,
                    f -> options().gpuLayers(layers));
        }
        for (int layers : new int[] {-1, 0, 1, 1000, Integer.MAX_VALUE}) {
            cases.lives("gpuLayers " + layers, f -> LoadCases.load(f, options().gpuLayers(layers)));
        }
    }

    private static void devices(AbuseCases cases) {
        cases.rejects(
                "mainDevice -1", IllegalArgumentException.class, f -> options().mainDevice(-1));
        for (int device : new int[] {1, 16, Integer.MAX_VALUE}) {
            cases.rejects(
                    "mainDevice " + device,
                    IndexOutOfBoundsException.class,
                    f -> LoadCases.load(f, options().devices(List.of()).mainDevice(device)));
        }
        cases.livesOr(
                "mainDevice 0 without a GPU, one device alone",
                f -> LoadCases.load(f, options().mainDevice(0).splitMode(SplitMode.NONE)),
                ModelLoadException.class);
        for (int times : new int[] {1, 20}) {
            cases.rejects(
                    "the CPU among the devices, %d times".formatted(times),
                    IllegalArgumentException.class,
                    f -> options()
                            .devices(Collections.nCopies(times, Device.all().getLast())));
        }
        for (float share : new float[] {-1, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            cases.rejects(
                    "tensorSplit " + share,
                    IllegalArgumentException.class,
                    f -> options().tensorSplit(share));
        }
        cases.rejects(
                "tensorSplit of 1000",
                IllegalArgumentException.class,
                f -> LoadCases.load(f, options().tensorSplit(new float[1000])));
        cases.lives("tensorSplit of nothing", f -> LoadCases.load(f, options().tensorSplit()));
        cases.lives("tensorSplit of zeros", f -> LoadCases.load(f, options().tensorSplit(0, 0)));
        cases.lives(
                "tensorSplit of the largest",
                f -> LoadCases.load(f, options().tensorSplit(Float.MAX_VALUE, Float.MAX_VALUE)));
        for (SplitMode mode : SplitMode.values()) {
            cases.livesOr(
                    "splitMode " + mode + " without a GPU",
                    f -> LoadCases.load(f, options().splitMode(mode)),
                    ModelLoadException.class);
        }
    }

    private static void placements(AbuseCases cases) {
        for (String pattern : new String[] {"(", "[", "*", "a{", "\\", "(?<n>"}) {
            cases.rejects(
                    "pattern " + pattern,
                    IllegalArgumentException.class,
                    f -> options().placeTensors(pattern, Device.all().getLast()));
        }
        cases.rejects(
                "pattern with U+0000",
                IllegalArgumentException.class,
                f -> options().placeTensors("a\0b", Device.all().getLast()));
        for (String pattern :
                new String[] {"(?i)attn", "a++", "\\p{L}", "(?<=a)b", "\\Qx\\E", "[[:foo:]]", "a{1,2}+"}) {
            cases.livesOr(
                    "pattern of Java alone " + pattern,
                    f -> LoadCases.load(
                            f, options().placeTensors(pattern, Device.all().getLast())),
                    IllegalArgumentException.class,
                    ModelLoadException.class);
        }
        cases.lives(
                "empty pattern",
                f -> LoadCases.load(f, options().placeTensors("", Device.all().getLast())));
        cases.rejects("10,000 placements", IllegalArgumentException.class, f -> {
            ModelOptions.Builder many = options();
            for (int i = 0; i < 10_000; i++) {
                many.placeTensors("x" + i, Device.all().getLast());
            }
            LoadCases.load(f, many);
        });
        cases.livesOr(
                "pattern of exponential time",
                f -> LoadCases.load(
                        f, options().placeTensors("(a*)*b$", Device.all().getLast())),
                ModelLoadException.class);
        cases.lives(
                "expertsOnCpu without experts", f -> LoadCases.load(f, options().expertsOnCpu()));
    }

    private static void overrides(AbuseCases cases) {
        cases.rejects(
                "empty key", IllegalArgumentException.class, f -> options().metadata("", 1));
        cases.rejects(
                "key with U+0000",
                IllegalArgumentException.class,
                f -> options().metadata("a\0", 1));
        cases.rejects(
                "key of 128 bytes",
                IllegalArgumentException.class,
                f -> options().metadata("k".repeat(128), 1));
        cases.rejects(
                "value of 128 bytes",
                IllegalArgumentException.class,
                f -> options().metadata("k", "v".repeat(128)));
        cases.rejects(
                "value of 43 characters of three bytes",
                IllegalArgumentException.class,
                f -> options().metadata("k", "€".repeat(43)));
        cases.rejects(
                "value with U+0000",
                IllegalArgumentException.class,
                f -> options().metadata("k", "v\0"));
        cases.lives("key of 127 bytes", f -> LoadCases.load(f, options().metadata("k".repeat(127), 1)));
        cases.lives("value of 127 bytes", f -> LoadCases.load(f, options().metadata("k", "v".repeat(127))));
        cases.lives("10,000 overrides of nothing", f -> {
            ModelOptions.Builder many = options();
            for (int i = 0; i < 10_000; i++) {
                many.metadata("key." + i, i);
            }
            LoadCases.load(f, many);
        });
        for (String key : new String[] {
            "block_count",
            "embedding_length",
            "feed_forward_length",
            "attention.head_count",
            "attention.head_count_kv",
            "context_length",
            "vocab_size",
            "rope.dimension_count",
            "expert_count",
            "expert_used_count",
            "attention.key_length",
            "attention.value_length"
        }) {
            for (long value : new long[] {0, -1, 3, 1000, 0x7fff_ffffL, 1L << 40}) {
                cases.livesOr(
                        "override %s by %d".formatted(key, value),
                        f -> use(f, options().metadata("llama." + key, value)),
                        IllegalArgumentException.class,
                        LlamaException.class);
            }
            cases.livesOr(
                    "override " + key + " by a text",
                    f -> use(f, options().metadata("llama." + key, "text")),
                    IllegalArgumentException.class,
                    LlamaException.class);
        }
        for (double value : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY, 1e300}) {
            for (String key : new String[] {"rope.freq_base", "attention.layer_norm_rms_epsilon"}) {
                cases.livesOr(
                        "override %s by %s".formatted(key, value),
                        f -> use(f, options().metadata("llama." + key, value)),
                        IllegalArgumentException.class,
                        LlamaException.class);
            }
        }
        for (String architecture : new String[] {"", "nonsense", "mamba2", "deepseek2", "clip", "bert"}) {
            cases.livesOr(
                    "override general.architecture by \"" + architecture + '"',
                    f -> use(f, options().metadata("general.architecture", architecture)),
                    IllegalArgumentException.class,
                    LlamaException.class);
        }
        cases.livesOr(
                "override tokenizer.ggml.model by none",
                f -> use(f, options().metadata("tokenizer.ggml.model", "none")),
                UnsupportedOperationException.class,
                LlamaException.class);
        for (String key : new String[] {"bos", "eos", "padding", "eot", "unknown"}) {
            for (long value : new long[] {-1, 512, 1L << 31, 0xffff_ffffL}) {
                cases.livesOr(
                        "override %s_token_id by %d".formatted(key, value),
                        f -> use(f, options().metadata("tokenizer.ggml." + key + "_token_id", value)),
                        IllegalArgumentException.class,
                        LlamaException.class);
            }
        }
    }

    private static void experts(AbuseCases cases) {
        for (int experts : new int[] {0, -1, Integer.MIN_VALUE}) {
            cases.rejects(
                    "activeExperts " + experts,
                    IllegalArgumentException.class,
                    f -> options().activeExperts(experts));
        }
        for (int experts : new int[] {9, 512, 513, Integer.MAX_VALUE}) {
            cases.rejects(
                    "activeExperts %d of 8".formatted(experts),
                    IllegalArgumentException.class,
                    f -> LlamaModel.load(
                            f.file(Architecture.QWEN3MOE),
                            options().activeExperts(experts).build()));
        }
        cases.rejects(
                "activeExperts of a model without",
                IllegalArgumentException.class,
                f -> LoadCases.load(f, options().activeExperts(2)));
        cases.lives("activeExperts all of them", f -> {
            ModelOptions all = options().activeExperts(8).build();
            try (LlamaModel model = LlamaModel.load(f.file(Architecture.QWEN3MOE), all)) {
                AbuseFixture.decoded(model.newContext(AbuseFixture.small().build()), 4)
                        .close();
            }
        });
    }

    private static void modes(AbuseCases cases) {
        for (LoadMode mode : LoadMode.values()) {
            cases.livesOr("loadMode " + mode, f -> use(f, options().loadMode(mode)), ModelLoadException.class);
        }
        cases.rejects("context of a vocabulary", IllegalStateException.class, f -> {
            ModelOptions vocabulary = options().vocabularyOnly(true).build();
            try (LlamaModel model = LlamaModel.load(f.file(), vocabulary)) {
                model.newContext();
            }
        });
        cases.lives("every getter of a vocabulary", f -> {
            ModelOptions vocabulary = options().vocabularyOnly(true).build();
            try (LlamaModel model = LlamaModel.load(f.file(), vocabulary)) {
                for (var member : PublicApi.members(LlamaModel.class)) {
                    if (member.getParameterCount() == 0
                            && !member.getName().equals("close")
                            && !member.getName().equals("newContext")) {
                        ((java.lang.reflect.Method) member).invoke(model);
                    }
                }
            }
        });
    }

    /** Loads, and computes when it loads: some settings are fatal only then. */
    static void use(AbuseFixture fixture, ModelOptions.Builder options) {
        use(LlamaModel.load(fixture.file(), options.build()));
    }

    static void use(LlamaModel model) {
        try (model) {
            int[] tokens = model.tokenizer().encode("a text 123");
            model.tokenizer().decode(tokens);
            try (var context = model.newContext(AbuseFixture.small().build())) {
                AbuseFixture.decode(context, 0, 0, 3);
                AbuseFixture.decode(context, 0, 3, 1);
            }
        }
    }
}
