package io.github.panllama.abuse;

import io.github.panllama.ControlVector;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.LoraAdapter;
import io.github.panllama.ModelLoadException;
import io.github.panllama.ModelOptions;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufType;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.gguf.TensorSource;
import io.github.panllama.synthetic.Architecture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Adapters and control vectors that are damaged, of another model, or no longer there. */
@SuppressWarnings("try") // closing early is what some cases are about
final class AdapterCases {
    private AdapterCases() {}

    static void register(AbuseCases cases) {
        cases.family("adapter");
        files(cases);
        metadata(cases);
        tensors(cases);
        uses(cases);
        cases.family("control vector");
        vectors(cases);
        vectorFiles(cases);
    }

    private static LoraAdapter lora(AbuseFixture f) {
        return LoraAdapter.load(f.model(), f.file(AbuseFiles.LORA));
    }

    private static void refused(AbuseCases cases, String name, PathMaker file) {
        cases.rejects(name, ModelLoadException.class, f -> LoraAdapter.load(f.model(), file.make(f)));
    }

    /** Makes a file. */
    @FunctionalInterface
    private interface PathMaker {
        Path make(AbuseFixture fixture) throws Exception;
    }

    private static void files(AbuseCases cases) {
        refused(cases, "missing file", AbuseFixture::newFile);
        refused(cases, "folder", f -> f.file(""));
        refused(cases, "a model in place of an adapter", AbuseFixture::file);
        refused(cases, "of another architecture", f -> f.file(AbuseFiles.OTHER_LORA));
        for (int percent : new int[] {0, 10, 50, 90, 99}) {
            refused(cases, "cut to %d %%".formatted(percent), f -> {
                byte[] bytes = Files.readAllBytes(f.file(AbuseFiles.LORA));
                return LoadCases.write(f, Arrays.copyOf(bytes, bytes.length * percent / 100));
            });
        }
        cases.rejects("of a model of another shape", ModelLoadException.class, f -> {
            Path base = f.newFile();
            io.github.panllama.synthetic.SyntheticModel.builder(Architecture.LLAMA)
                    .embeddingLength(128)
                    .build()
                    .write(base);
            Path adapter = f.newFile();
            io.github.panllama.synthetic.SyntheticLora.write(adapter, base, 4, 1, 1);
            LoraAdapter.load(f.model(), adapter);
        });
        cases.rejects("for a closed model", IllegalStateException.class, f -> {
            LlamaModel model = f.freshModel();
            model.close();
            LoraAdapter.load(model, f.file(AbuseFiles.LORA));
        });
        cases.livesOr(
                "for a vocabulary alone",
                f -> {
                    ModelOptions vocabulary =
                            ModelOptions.builder().vocabularyOnly(true).build();
                    try (LlamaModel model = LlamaModel.load(f.file(), vocabulary)) {
                        LoraAdapter.load(model, f.file(AbuseFiles.LORA)).close();
                    }
                },
                ModelLoadException.class,
                IllegalStateException.class);
    }

    private static void metadata(AbuseCases cases) {
        GgufValue number = new GgufValue.Whole(GgufType.UINT32, 1);
        for (String key : new String[] {
            "general.type",
            "general.architecture",
            "adapter.type",
            "adapter.lora.alpha",
            "general.name",
            "adapter.alora.invocation_tokens"
        }) {
            for (GgufValue value : Arrays.asList(
                    null,
                    number,
                    new GgufValue.Text("nonsense"),
                    new GgufValue.Real(GgufType.FLOAT64, 1),
                    new GgufValue.Bool(true),
                    GgufValue.int32s(1, 2),
                    GgufValue.texts(List.of("a")),
                    GgufValue.wholes(GgufType.UINT32, 600))) {
                String described = value == null ? "missing" : value.type() + " " + value;
                cases.livesOr(
                        key + ' ' + described,
                        f -> {
                            Map<String, @Nullable GgufValue> changes = new HashMap<>();
                            changes.put(key, value);
                            use(f, AbuseFiles.change(f.file(AbuseFiles.LORA), f.newFile(), changes));
                        },
                        ModelLoadException.class);
            }
        }
    }

    /** Loads an adapter, and computes with it when it loads. */
    private static void use(AbuseFixture f, Path file) {
        try (LoraAdapter adapter = LoraAdapter.load(f.model(), file);
                LlamaContext context = f.context()) {
            context.setAdapters(Map.of(adapter, 1f));
            AbuseFixture.decode(context, 0, 0, 10);
        }
    }

    private static void tensors(AbuseCases cases) {
        String name = "blk.0.attn_q.weight.lora_a";
        cases.livesOr(
                "no tensors",
                f -> use(f, AbuseFiles.change(f.file(AbuseFiles.LORA), f.newFile(), Map.of(), tensor -> false)),
                ModelLoadException.class);
        refused(
                cases,
                "one half of a pair",
                f -> AbuseFiles.change(
                        f.file(AbuseFiles.LORA),
                        f.newFile(),
                        Map.of(),
                        tensor -> !tensor.name().equals(name)));
        for (GgmlType type : GgmlType.values()) {
            cases.livesOr("weights of type " + type, f -> use(f, with(f, name, type, 64, 4)), ModelLoadException.class);
        }
        long[][] shapes = {{64, 3}, {4, 64}, {64, 4, 2}, {64}, {0, 4}, {64, 0}, {1, 1}, {64, 4, 1, 3}};
        for (long[] shape : shapes) {
            cases.livesOr(
                    "weights of shape " + Arrays.toString(shape),
                    f -> use(f, with(f, name, GgmlType.F32, shape)),
                    ModelLoadException.class);
        }
        for (String other : new String[] {"nonsense", "nonsense.lora_a", ".lora_a", "token_embd.weight.lora_a"}) {
            cases.livesOr(
                    "another tensor " + other,
                    f -> use(f, with(f, other, GgmlType.F32, 64, 4)),
                    ModelLoadException.class);
        }
    }

    /** The adapter with one tensor replaced or added. */
    private static Path with(AbuseFixture f, String name, GgmlType type, long... shape) throws Exception {
        GgufFile file = GgufFile.read(f.file(AbuseFiles.LORA));
        GgufWriter writer = new GgufWriter().putAll(file.metadata());
        long row = (shape[0] + type.blockSize() - 1) / type.blockSize() * type.blockSize();
        long[] fitting = shape.clone();
        fitting[0] = row;
        long elements = Arrays.stream(fitting).reduce(1, (a, b) -> a * b);
        writer.tensor(name, type, TensorSource.of(new byte[Math.toIntExact(type.byteSize(elements))]), fitting);
        for (GgufTensor tensor : file.tensors()) {
            if (!tensor.name().equals(name)) {
                long[] same = tensor.shape().stream().mapToLong(Long::longValue).toArray();
                writer.tensor(tensor.name(), tensor.type(), file.source(tensor), same);
            }
        }
        Path changed = f.newFile();
        writer.write(changed);
        return changed;
    }

    private static void uses(AbuseCases cases) {
        for (float scale : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            cases.rejects("scale " + scale, IllegalArgumentException.class, f -> {
                try (LoraAdapter adapter = lora(f);
                        LlamaContext context = f.context()) {
                    context.setAdapters(Map.of(adapter, scale));
                }
            });
        }
        for (float scale : new float[] {0, -1, Float.MAX_VALUE, Float.MIN_VALUE}) {
            cases.lives("scale " + scale, f -> {
                try (LoraAdapter adapter = lora(f);
                        LlamaContext context = f.context()) {
                    context.setAdapters(Map.of(adapter, scale));
                    AbuseFixture.decode(context, 0, 0, 10);
                }
            });
        }
        cases.rejects("of another model", IllegalArgumentException.class, f -> {
            try (LoraAdapter adapter = lora(f);
                    LlamaContext context = f.context(Architecture.QWEN2)) {
                context.setAdapters(Map.of(adapter, 1f));
            }
        });
        cases.rejects("closed", IllegalStateException.class, f -> {
            try (LoraAdapter adapter = lora(f);
                    LlamaContext context = f.context()) {
                adapter.close();
                context.setAdapters(Map.of(adapter, 1f));
            }
        });
        cases.rejects("a null scale", NullPointerException.class, f -> {
            try (LoraAdapter adapter = lora(f);
                    LlamaContext context = f.context()) {
                Map<LoraAdapter, @Nullable Float> scales = new HashMap<>();
                scales.put(adapter, null);
                context.setAdapters(scales);
            }
        });
        cases.rejects("a null adapter", NullPointerException.class, f -> {
            try (LlamaContext context = f.context()) {
                Map<@Nullable LoraAdapter, Float> scales = new HashMap<>();
                scales.put(null, 1f);
                context.setAdapters(scales);
            }
        });
        cases.lives("closed while a context applies it", f -> {
            try (LlamaContext context = f.context()) {
                LoraAdapter adapter = lora(f);
                context.setAdapters(Map.of(adapter, 1f));
                adapter.close();
                AbuseFixture.decode(context, 0, 0, 10);
                context.setAdapters(Map.of());
                AbuseFixture.decode(context, 0, 10, 10);
            }
        });
        cases.lives("refused ones leave those before", f -> {
            try (LlamaContext context = f.context();
                    LoraAdapter good = lora(f);
                    LoraAdapter closed = lora(f)) {
                context.setAdapters(Map.of(good, 1f));
                closed.close();
                try {
                    context.setAdapters(Map.of(closed, 1f));
                } catch (IllegalStateException expected) {
                    good.close();
                }
                AbuseFixture.decode(context, 0, 0, 10);
            }
        });
        cases.lives("swapped 200 times between decodes", f -> {
            try (LlamaContext context =
                    f.context(AbuseFixture.small().contextSize(2048).maxSequences(1))) {
                for (int i = 0; i < 200; i++) {
                    try (LoraAdapter adapter = lora(f)) {
                        context.setAdapters(i % 3 == 0 ? Map.of() : Map.of(adapter, (float) i));
                        AbuseFixture.decode(context, 0, 2 * i, 2);
                    }
                }
            }
        });
        cases.lives("64 adapters at once", f -> {
            Map<LoraAdapter, Float> many = new HashMap<>();
            for (int i = 0; i < 64; i++) {
                many.put(lora(f), 0.1f);
            }
            try (LlamaContext context = f.context()) {
                context.setAdapters(many);
                AbuseFixture.decode(context, 0, 0, 10);
            }
            many.keySet().forEach(LoraAdapter::close);
        });
    }

    private static void vectors(AbuseCases cases) {
        Class<IllegalArgumentException> type = IllegalArgumentException.class;
        cases.rejects("no directions", type, f -> ControlVector.of(new float[0][], 1, 1));
        cases.rejects("a direction of nothing", type, f -> ControlVector.of(new float[1][0], 1, 1));
        cases.rejects(
                "directions of two lengths",
                type,
                f -> ControlVector.of(new float[][] {new float[64], new float[63]}, 1, 2));
        cases.rejects("a null direction", NullPointerException.class, f -> ControlVector.of(new float[2][], 1, 2));
        int[][] layers = {{0, 1}, {-1, 1}, {2, 1}, {1, 3}, {3, 3}, {1, Integer.MAX_VALUE}, {Integer.MIN_VALUE, 1}};
        for (int[] range : layers) {
            cases.rejects(
                    "layers " + Arrays.toString(range),
                    type,
                    f -> ControlVector.of(new float[2][64], range[0], range[1]));
        }
        for (float factor : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            cases.rejects(
                    "factor " + factor,
                    type,
                    f -> ControlVector.of(new float[1][64], 1, 1).scaled(factor));
        }
        cases.rejects("of another width", type, f -> set(f, ControlVector.of(new float[1][65], 1, 1)));
        cases.rejects(
                "of a layer that the model does not have",
                IllegalArgumentException.class,
                f -> set(f, ControlVector.of(new float[2][64], 1, 2)));
        cases.livesOr(
                "of more directions than it pushes", f -> set(f, ControlVector.of(new float[100][64], 1, 1)), type);
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.MAX_VALUE}) {
            cases.livesOr(
                    "of " + value,
                    f -> {
                        float[][] directions = new float[2][64];
                        Arrays.fill(directions[0], value);
                        set(f, ControlVector.of(directions, 1, 1));
                    },
                    type);
        }
        cases.lives("removed where there is none", f -> set(f, null));
        for (Architecture architecture : Architecture.values()) {
            cases.lives("set, decoded, removed, decoded, " + architecture, f -> {
                try (LlamaContext context = f.context(architecture)) {
                    int width = context.model().hiddenSize();
                    int last = context.model().layers() - 1;
                    context.setControlVector(ControlVector.of(new float[last][width], 1, last));
                    AbuseFixture.decode(context, 0, 0, 5);
                    context.setControlVector(null);
                    AbuseFixture.decode(context, 1, 0, 5);
                }
            });
        }
    }

    private static void set(AbuseFixture f, @Nullable ControlVector vector) {
        try (LlamaContext context = f.context()) {
            context.setControlVector(vector);
            AbuseFixture.decode(context, 0, 0, 5);
            context.setControlVector(vector);
            AbuseFixture.decode(context, 0, 5, 5);
            context.logits(4).toArray();
        }
    }

    private static void vectorFiles(AbuseCases cases) {
        cases.rejects("missing file", ModelLoadException.class, f -> ControlVector.load(f.newFile()));
        cases.rejects("a model in place of directions", ModelLoadException.class, f -> ControlVector.load(f.file()));
        String[] names = {
            "direction.", "direction.0", "direction.-1", "direction.x", "direction.99999999999", "direction.20000"
        };
        for (String name : names) {
            cases.rejects("tensor " + name, ModelLoadException.class, f -> ControlVector.load(directions(f, name, 64)));
        }
        cases.rejects(
                "two lengths in a file",
                ModelLoadException.class,
                f -> ControlVector.load(directions(f, "direction.1", 64, "direction.2", 32)));
        cases.rejects(
                "empty directions in a file",
                ModelLoadException.class,
                f -> ControlVector.load(directions(f, "direction.1", 0)));
        cases.lives("a file with a gap", f -> ControlVector.load(directions(f, "direction.2", 64)));
    }

    private static Path directions(AbuseFixture f, Object... namesAndLengths) throws Exception {
        GgufWriter writer = new GgufWriter().put("general.architecture", "controlvector");
        for (int i = 0; i < namesAndLengths.length; i += 2) {
            int length = (Integer) namesAndLengths[i + 1];
            writer.tensor((String) namesAndLengths[i], GgmlType.F32, TensorSource.of(new byte[4 * length]), length);
        }
        Path file = f.newFile();
        writer.write(file);
        return file;
    }
}
