package io.github.panllama.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.panllama.Batch;
import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.ModelOptions;
import io.github.panllama.QuantizationOptions;
import io.github.panllama.QuantizationResult;
import io.github.panllama.QuantizationType;
import io.github.panllama.Quantizer;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Small models of every type, made like the large ones: llama.cpp decodes their blocks and computes with them. */
class RandomBytesTest {
    private static final int VOCABULARY = 1024;
    private static final int WIDTH = 256;

    @TempDir
    Path folder;

    static Stream<QuantizationType> types() {
        return Arrays.stream(QuantizationType.values()).filter(SyntheticPreset::supports);
    }

    /** A mixture of experts whose shared experts have rows that K-quants do not fit. */
    private static Shape shape() {
        return new Shape(
                Architecture.DEEPSEEK2,
                VOCABULARY,
                512,
                WIDTH,
                3,
                4,
                4,
                64,
                32,
                64,
                512,
                4,
                2,
                1,
                96,
                1,
                64,
                128,
                0,
                false,
                GgmlType.F32,
                null);
    }

    private Path write(QuantizationType type, long seed) throws IOException {
        Path file = folder.resolve(type + "-" + seed + ".gguf");
        GgufWriter writer = new GgufWriter()
                .put("general.architecture", "deepseek2")
                .put("general.file_type", type.fileType())
                .put("general.quantization_version", 2);
        PresetFigures figures = new PresetFigures(
                "small",
                shape(),
                new DeepSeek2Blueprint(true),
                PresetVocabulary.DEEPSEEK_V3,
                10_000,
                1e-6f,
                keys -> keys.put("expert_group_count", 1));
        figures.describe(new Blueprint.Keys(writer, "deepseek2"), shape());
        SyntheticVocabulary.ofSize(VOCABULARY).describe(writer, false);
        BlockWeights weights = new BlockWeights(writer, new MixedTypes(type, shape()), seed, new WriteProgress(null));
        figures.addTo(weights, shape());
        writer.write(file);
        return file;
    }

    @ParameterizedTest
    @MethodSource("types")
    void numbersLieAroundZeroWithTheSizeAskedForAndModelsCompute(QuantizationType type) throws IOException {
        Path model = write(type, 1);
        checkLogits(model);
        Path decoded = folder.resolve("decoded.gguf");
        QuantizationResult _ = Quantizer.quantize(
                model,
                decoded,
                QuantizationOptions.builder(QuantizationType.F32)
                        .allowRequantize()
                        .threads(1)
                        .build());
        GgufFile file = GgufFile.read(decoded);
        check(file, "token_embd.weight", 1);
        check(file, "output.weight", Blueprint.LOGIT_SPREAD / Math.sqrt(WIDTH));
        check(file, "blk.0.ffn_down.weight", Blueprint.OUTPUT_GAIN / Math.sqrt(512));
        check(file, "blk.1.ffn_up_exps.weight", 1 / Math.sqrt(WIDTH));
        check(file, "blk.2.ffn_down_exps.weight", Blueprint.OUTPUT_GAIN / Math.sqrt(96));
    }

    private static void check(GgufFile file, String name, double deviation) throws IOException {
        GgufTensor tensor = file.tensor(name).orElseThrow();
        double sum = 0;
        double squares = 0;
        float[] numbers = file.floats(tensor);
        for (float number : numbers) {
            sum += number;
            squares += (double) number * number;
        }
        double size = Math.sqrt(squares / numbers.length);
        assertThat(sum / numbers.length).as(name).isCloseTo(0, within(0.02 * deviation));
        // MXFP4 knows powers of two only
        assertThat(size).as(name).isBetween(0.7 * deviation, 1.42 * deviation);
        boolean exact = name.contains("token_embd");
        if (exact) {
            assertThat(size).isCloseTo(deviation, within(0.02 * deviation));
        }
    }

    private static void checkLogits(Path file) {
        ModelOptions options = ModelOptions.builder().checkTensors(true).build();
        try (LlamaModel model = LlamaModel.load(file, options);
                LlamaContext context = model.newContext(
                        ContextOptions.builder().contextSize(64).threads(1).build());
                Batch batch = context.newBatch()) {
            for (int i = 0; i < 8; i++) {
                batch.add(i * 97, i, 0, i == 7);
            }
            context.decode(batch);
            float[] logits = context.logits(7).toArray();
            double squares = 0;
            for (float logit : logits) {
                assertThat(logit).isFinite();
                squares += logit * logit;
            }
            assertThat(Math.sqrt(squares / logits.length)).isBetween(1.0, 5.0);
        }
    }

    @Test
    void theSameSeedGivesTheSameBytesAndAnotherOthers() throws IOException {
        Path first = write(QuantizationType.Q4_K_M, 7);
        byte[] bytes = Files.readAllBytes(first);
        assertThat(write(QuantizationType.Q4_K_M, 7)).hasBinaryContent(bytes);
        GgufFile one = GgufFile.read(write(QuantizationType.F16, 7));
        GgufFile other = GgufFile.read(write(QuantizationType.F16, 8));
        for (GgufTensor tensor : one.tensors()) {
            assertThat(one.floats(tensor)).as(tensor.name()).isNotEqualTo(other.floats(tensor));
        }
    }

    @Test
    void everyRowIsAnother() throws IOException {
        GgufFile file = GgufFile.read(write(QuantizationType.Q8_0, 1));
        float[] numbers = file.floats(file.tensor("output.weight").orElseThrow());
        assertThat(IntStream.range(0, VOCABULARY)
                        .mapToObj(row -> Arrays.hashCode(Arrays.copyOfRange(numbers, row * WIDTH, (row + 1) * WIDTH))))
                .doesNotHaveDuplicates();
    }
}
