package io.github.panllama.abuse;

import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelLoadException;
import io.github.panllama.QuantizationException;
import io.github.panllama.QuantizationOptions;
import io.github.panllama.QuantizationType;
import io.github.panllama.Quantizer;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.gguf.TensorSource;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Models, types and importance that quantising cannot take, or hardly. */
final class QuantizeCases {
    /** In the order in which they would be refused. */
    private static final List<Float> EXTREMES =
            List.of(Float.NaN, Float.POSITIVE_INFINITY, Float.MAX_VALUE, 1e18f, 65504f, Float.MIN_VALUE, 0f);

    private QuantizeCases() {}

    static void register(AbuseCases cases) {
        cases.family("quantise");
        for (int seed = 1; seed <= 12; seed++) {
            int chosen = seed;
            cases.livesOr(
                    "header with damaged bytes, seed " + seed,
                    fixture -> quantise(
                            fixture,
                            LoadCases.write(fixture, LoadCases.damage(fixture, chosen)),
                            QuantizationType.Q4_0),
                    LlamaException.class,
                    IOException.class);
        }
        weights(cases);
        importance(cases);
        shapes(cases);
        options(cases);
    }

    /** Every type, from weights that no type was made for. */
    private static void weights(AbuseCases cases) {
        for (QuantizationType type : QuantizationType.values()) {
            cases.livesOr("extreme weights to " + type, fixture -> {
                for (float extreme : EXTREMES.subList(0, isSlow(type) ? 4 : EXTREMES.size())) {
                    Path source = filled(fixture, extreme);
                    Path matrix = matrix(fixture, source, 1);
                    try {
                        quantise(
                                fixture,
                                source,
                                QuantizationOptions.builder(type).importanceMatrix(matrix));
                    } catch (QuantizationException e) {
                        // As it may be.
                    }
                }
            });
        }
    }

    /** The tables of these code books alone take seconds to make. */
    private static boolean isSlow(QuantizationType type) {
        return type.name().startsWith("IQ1") || type.name().startsWith("IQ2") || type == QuantizationType.IQ3_XXS;
    }

    private static void importance(AbuseCases cases) {
        for (QuantizationType type : QuantizationType.values()) {
            if (isSlow(type)) {
                continue;
            }
            cases.livesOr(
                    "importance of nothing and of everything to " + type,
                    fixture -> {
                        for (float value : new float[] {0, 1e-38f, 1e12f}) {
                            Path source = model(fixture);
                            quantise(
                                    fixture,
                                    source,
                                    QuantizationOptions.builder(type).importanceMatrix(matrix(fixture, source, value)));
                        }
                    },
                    QuantizationException.class);
        }
        for (float value : new float[] {-1, 1e13f, Float.MAX_VALUE, Float.NaN, Float.POSITIVE_INFINITY}) {
            cases.rejects("importance " + value, QuantizationException.class, fixture -> {
                Path source = model(fixture);
                quantise(
                        fixture,
                        source,
                        QuantizationOptions.builder(QuantizationType.Q4_0)
                                .importanceMatrix(matrix(fixture, source, value)));
            });
        }
        for (GgmlType type : GgmlType.values()) {
            if (QuantizationOptions.canQuantizeTo(type)) {
                cases.livesOr(
                        "embeddings, output and rest as %s without importance".formatted(type),
                        fixture -> quantise(
                                fixture,
                                model(fixture),
                                QuantizationOptions.builder(QuantizationType.Q8_0)
                                        .tensorType("blk", type)
                                        .outputTensorType(type)
                                        .tokenEmbeddingType(type)),
                        QuantizationException.class);
            }
        }
    }

    private static void shapes(AbuseCases cases) {
        for (long[] shape : new long[][] {{0, 4}, {32, 0}, {32, 2, 2, 2}, {32, 1, 1, 1}, {32, 2, 3}, {33, 3}}) {
            cases.livesOr(
                    "an extra tensor of the shape " + Arrays.toString(shape),
                    fixture -> quantise(
                            fixture, with(fixture, "blk.0.extra.weight", GgmlType.F32, shape), QuantizationType.Q4_0),
                    QuantizationException.class,
                    ModelLoadException.class);
        }
        for (String name : new String[] {
            "a.weight",
            "blk.99999999999.x.weight",
            "blk.-1.ffn_down.weight",
            "[1/2] - [3]",
            "x - [1, 2], type = f32, .weight",
            "a\nb.weight",
            "größe.weight",
            "%s%n.weight",
            "(a|b)+\\$.weight"
        }) {
            cases.livesOr(
                    "an extra tensor named " + name.replace('\n', ' '),
                    fixture -> {
                        Path source = with(fixture, name, GgmlType.F32, 32, 2);
                        quantise(fixture, source, QuantizationType.Q4_0);
                        quantise(
                                fixture,
                                source,
                                QuantizationOptions.builder(QuantizationType.Q4_0)
                                        .tensorType(".", GgmlType.Q8_0));
                    },
                    LlamaException.class);
        }
        for (GgmlType type : new GgmlType[] {GgmlType.F64, GgmlType.I8, GgmlType.I64, GgmlType.Q8_1, GgmlType.Q8_K}) {
            cases.rejects(
                    "an extra tensor of " + type,
                    ModelLoadException.class,
                    fixture -> quantise(fixture, with(fixture, "x.weight", type, 256, 2), QuantizationType.Q4_0));
        }
    }

    private static void options(AbuseCases cases) {
        for (int threads : new int[] {Integer.MIN_VALUE, -1, 0, 100_000, Integer.MAX_VALUE}) {
            cases.rejects(
                    "threads " + threads,
                    IllegalArgumentException.class,
                    fixture ->
                            QuantizationOptions.builder(QuantizationType.Q4_0).threads(threads));
        }
        cases.lives(
                "a buffer of one byte",
                fixture -> quantise(
                        fixture,
                        model(fixture),
                        QuantizationOptions.builder(QuantizationType.Q4_0).bufferBytes(1)));
        cases.lives(
                "many threads",
                fixture -> quantise(
                        fixture,
                        model(fixture),
                        QuantizationOptions.builder(QuantizationType.Q4_0).threads(256)));
        cases.rejects(
                "a listener that throws an Error",
                AssertionError.class,
                fixture -> quantise(
                        fixture,
                        model(fixture),
                        QuantizationOptions.builder(QuantizationType.Q4_0).progress(fraction -> {
                            throw new AssertionError("thrown by the listener");
                        })));
        cases.lives(
                "a listener that quantises itself",
                fixture -> quantise(
                        fixture,
                        model(fixture),
                        QuantizationOptions.builder(QuantizationType.Q4_0).progress(fraction -> {
                            quantiseUnchecked(fixture);
                            return true;
                        })));
        cases.rejects(
                "an adapter",
                ModelLoadException.class,
                fixture -> quantise(fixture, fixture.file(AbuseFiles.LORA), QuantizationType.Q4_0));
        cases.lives(
                "experts",
                fixture -> quantise(fixture, fixture.file(Architecture.QWEN3MOE), QuantizationType.MXFP4_MOE));
        cases.lives("states", fixture -> quantise(fixture, fixture.file(Architecture.MAMBA2), QuantizationType.Q4_K_M));
        cases.lives(
                "latent attention",
                fixture -> quantise(fixture, fixture.file(Architecture.DEEPSEEK2), QuantizationType.Q5_K_M));
    }

    private static void quantiseUnchecked(AbuseFixture fixture) {
        try {
            quantise(fixture, model(fixture), QuantizationType.Q8_0);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void quantise(AbuseFixture fixture, Path source, QuantizationType type) throws Exception {
        quantise(fixture, source, QuantizationOptions.builder(type));
    }

    /** What was quantised must load as well. */
    private static void quantise(AbuseFixture fixture, Path source, QuantizationOptions.Builder options)
            throws Exception {
        Path target = fixture.newFile();
        Quantizer.quantize(source, target, options.build());
        try {
            LlamaModel.load(target).close();
        } catch (ModelLoadException e) {
            // A source with odd tensors cannot be loaded either.
        }
        Files.delete(target);
    }

    private static Path model(AbuseFixture fixture) throws IOException {
        Path file = fixture.newFile();
        SyntheticModel.builder(Architecture.LLAMA)
                .embeddingLength(256)
                .feedForwardLength(256)
                .vocabularySize(300)
                .layers(1)
                .tiedEmbeddings(false)
                .weightType(GgmlType.F32)
                .write(file);
        return file;
    }

    /** A model whose matrices begin with one number over and over. */
    private static Path filled(AbuseFixture fixture, float value) throws IOException {
        return copy(fixture, model(fixture), writer -> {}, value);
    }

    private static Path with(AbuseFixture fixture, String name, GgmlType type, long... shape) throws IOException {
        return copy(
                fixture,
                model(fixture),
                writer -> {
                    long bytes = 1;
                    for (long dimension : shape) {
                        bytes *= dimension;
                    }
                    writer.tensor(
                            name,
                            type,
                            TensorSource.of(new byte[(int) (bytes / type.blockSize() * type.typeSize())]),
                            shape);
                },
                null);
    }

    private static Path copy(AbuseFixture fixture, Path source, Consumer<GgufWriter> more, @Nullable Float fill)
            throws IOException {
        GgufFile file = GgufFile.read(source);
        GgufWriter writer = new GgufWriter().putAll(file.metadata());
        for (GgufTensor tensor : file.tensors()) {
            long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
            if (fill == null || shape.length < 2) {
                writer.tensor(tensor.name(), tensor.type(), file.source(tensor), shape);
            } else {
                float[] numbers = file.floats(tensor);
                writer.tensor(
                        tensor.name(),
                        GgmlType.F32,
                        (index, row) -> {
                            for (int i = 0; i < row.length; i++) {
                                row[i] = index % 3 == 0 ? fill : index % 3 == 1 && i % 5 == 0 ? -fill : numbers[i];
                            }
                        },
                        shape);
            }
        }
        more.accept(writer);
        Path copy = fixture.newFile();
        writer.write(copy);
        return copy;
    }

    private static Path matrix(AbuseFixture fixture, Path source, float value) throws IOException {
        GgufWriter writer = new GgufWriter();
        Map<String, Integer> lengths = new LinkedHashMap<>();
        GgufFile.read(source).tensors().stream()
                .filter(tensor -> tensor.shape().size() > 1)
                .forEach(tensor -> lengths.put(tensor.name(), (int) tensor.rowLength()));
        lengths.forEach((name, length) -> writer.tensor(
                        name + ".in_sum2", GgmlType.F32, (index, row) -> Arrays.fill(row, value), length, 1)
                .tensor(name + ".counts", GgmlType.F32, (index, row) -> row[0] = 1, 1, 1));
        Path file = fixture.newFile();
        writer.write(file);
        return file;
    }
}
