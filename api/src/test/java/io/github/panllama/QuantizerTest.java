package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Quantising real files, and what comes of them. */
final class QuantizerTest {
    @TempDir
    private static Path models;

    @TempDir
    private Path folder;

    private static Path source;

    @BeforeAll
    static void writeModel() throws IOException {
        source = models.resolve("source.gguf");
        SyntheticModel.builder(Architecture.LLAMA)
                .embeddingLength(256)
                .feedForwardLength(512)
                .heads(4)
                .kvHeads(2)
                .headLength(64)
                .ropeLength(64)
                .valueLength(64)
                .layers(2)
                .tiedEmbeddings(false)
                .weightType(GgmlType.F32)
                .write(source);
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeHasTheEstimatedSizeAndComputesNumbers(QuantizationType type) throws IOException {
        Path matrix = ImatrixFiles.gguf(folder.resolve("m.imatrix"), GgufFile.read(source), 1);
        QuantizationOptions options = QuantizationOptions.builder(type)
                .importanceMatrix(matrix)
                .threads(2)
                .build();
        QuantizationPlan plan = Quantizer.estimate(source, options);
        Path target = folder.resolve("q.gguf");

        QuantizationResult result = Quantizer.quantize(source, target, options);

        assertThat(result.files()).containsExactly(target);
        assertThat(plan.bytesAfter()).isEqualTo(Files.size(target));
        assertThat(result.plan()).isEqualTo(plan);
        assertThat(plan.bytesBefore()).isEqualTo(Files.size(source));
        assertThat(plan.missingImportance()).isEmpty();
        GgufFile written = GgufFile.read(target);
        assertThat(written.metadata().intValue("general.file_type", -1)).isEqualTo(type.code);
        for (QuantizedTensor tensor : plan.tensors()) {
            GgufTensor actual = written.tensor(tensor.name()).orElseThrow();
            assertThat(actual.type()).as(tensor.name()).isEqualTo(tensor.to());
            assertThat(actual.byteSize()).isEqualTo(tensor.bytesAfter());
        }
        assertThat(plan.tensorsByType())
                .containsKey(type == QuantizationType.MXFP4_MOE ? GgmlType.Q8_0 : type.tensorType());
        for (float logit : logits(target)) {
            assertThat(logit).isFinite();
        }
        assertOnly("q.gguf", "m.imatrix");
    }

    @Test
    void moreBitsComeCloserToTheOriginal() throws IOException {
        float[] original = logits(source);
        double last = 0;
        for (QuantizationType type : List.of(QuantizationType.F16, QuantizationType.Q8_0, QuantizationType.Q4_0)) {
            Path target = folder.resolve(type + ".gguf");
            QuantizationResult _ = Quantizer.quantize(source, target, QuantizationOptions.of(type));
            double distance = TestModels.distance(logits(target), original);
            assertThat(distance).as("%s", type).isGreaterThan(last).isLessThan(0.5);
            last = distance;
        }
    }

    @Test
    void patternsMixPrecision() throws IOException {
        Path target = folder.resolve("mixed.gguf");
        QuantizationOptions options = QuantizationOptions.builder(QuantizationType.Q4_0)
                .tensorType("blk\\.0\\.ffn_(up|gate)", GgmlType.Q8_0)
                .tensorType("ffn_", GgmlType.Q5_K)
                .outputTensorType(GgmlType.BF16)
                .tokenEmbeddingType(GgmlType.Q4_K)
                .build();

        QuantizationPlan plan = Quantizer.quantize(source, target, options).plan();

        GgufFile written = GgufFile.read(target);
        assertThat(type(written, "blk.0.ffn_up.weight")).isEqualTo(GgmlType.Q8_0);
        assertThat(type(written, "blk.0.ffn_down.weight")).isEqualTo(GgmlType.Q5_K);
        assertThat(type(written, "blk.1.ffn_up.weight")).isEqualTo(GgmlType.Q5_K);
        assertThat(type(written, "blk.1.attn_q.weight")).isEqualTo(GgmlType.Q4_0);
        assertThat(type(written, "output.weight")).isEqualTo(GgmlType.BF16);
        assertThat(type(written, "token_embd.weight")).isEqualTo(GgmlType.Q4_K);
        assertThat(type(written, "blk.0.ffn_norm.weight")).isEqualTo(GgmlType.F32);
        assertThat(plan.bytesAfter()).isEqualTo(Files.size(target));
        assertThat(plan.bitsPerWeight()).isBetween(4.5, 8.5);
    }

    @Test
    void pureHasOneTypeAndTheOutputMayBeLeft() throws IOException {
        Path target = folder.resolve("pure.gguf");
        QuantizationResult _ = Quantizer.quantize(
                source,
                target,
                QuantizationOptions.builder(QuantizationType.Q4_K_M)
                        .pure()
                        .leaveOutputTensor()
                        .build());
        GgufFile written = GgufFile.read(target);
        assertThat(type(written, "output.weight")).isEqualTo(GgmlType.F32);
        assertThat(written.tensors().stream()
                        .filter(tensor -> tensor.shape().size() > 1)
                        .filter(tensor -> !tensor.name().equals("output.weight"))
                        .map(GgufTensor::type))
                .containsOnly(GgmlType.Q4_K);
    }

    @Test
    void importanceChangesTheNumbersAndBothFormatsAgree() throws IOException {
        GgufFile model = GgufFile.read(source);
        Path none = folder.resolve("none.gguf");
        Path gguf = folder.resolve("gguf.gguf");
        Path legacy = folder.resolve("legacy.gguf");
        QuantizationOptions.Builder options = QuantizationOptions.builder(QuantizationType.Q4_0);
        QuantizationResult first = Quantizer.quantize(source, none, options.build());
        QuantizationResult second = Quantizer.quantize(
                source,
                gguf,
                options.importanceMatrix(ImatrixFiles.gguf(folder.resolve("a.imatrix"), model, 5))
                        .build());
        QuantizationResult third = Quantizer.quantize(
                source,
                legacy,
                options.importanceMatrix(ImatrixFiles.legacy(folder.resolve("b.imatrix"), model, 5))
                        .build());
        assertThat(first.plan().bytesAfter()).isEqualTo(second.plan().bytesAfter());
        assertThat(second.plan()).isEqualTo(third.plan());
        assertThat(Files.mismatch(none, gguf)).isPositive();
        assertThat(Files.mismatch(gguf, legacy)).isEqualTo(-1);
    }

    @Test
    void rowsThatDoNotFitFallBackAndAreListed() throws IOException {
        Path odd = folder.resolve("odd.gguf");
        SyntheticModel.builder(Architecture.LLAMA).feedForwardLength(160).write(odd);
        Path target = folder.resolve("q.gguf");

        QuantizationPlan plan = Quantizer.quantize(odd, target, QuantizationOptions.of(QuantizationType.Q4_K_M))
                .plan();

        assertThat(plan.fallbacks()).isNotEmpty().allSatisfy(tensor -> {
            assertThat(tensor.rowLength() % tensor.fallbackFrom().orElseThrow().blockSize())
                    .isNotZero();
            assertThat(tensor.rowLength() % tensor.to().blockSize()).isZero();
        });
        assertThat(plan.bytesAfter()).isEqualTo(Files.size(target));
        assertThat(logits(target)).isNotEmpty();
    }

    @Test
    void theAlignmentOfTheSourceDoesNotHurt() throws IOException {
        for (int alignment : new int[] {32, 64, 4096}) {
            Path aligned = folder.resolve("aligned.gguf");
            var writer = new io.github.panllama.gguf.GgufWriter()
                    .putAll(GgufFile.read(source).metadata())
                    .put("general.alignment", alignment);
            GgufFile original = GgufFile.read(source);
            original.tensors()
                    .forEach(tensor -> writer.tensor(
                            tensor.name(),
                            tensor.type(),
                            original.source(tensor),
                            tensor.shape().stream().mapToLong(Long::longValue).toArray()));
            writer.write(aligned);
            Path target = folder.resolve("q.gguf");
            QuantizationPlan plan = Quantizer.quantize(aligned, target, QuantizationOptions.of(QuantizationType.Q8_0))
                    .plan();
            assertThat(plan.bytesAfter()).isEqualTo(Files.size(target));
            assertThat(logits(target)).isNotEmpty();
        }
    }

    @Test
    void progressRisesToOneAndMayCancelWithoutATrace() throws IOException {
        List<Float> seen = new ArrayList<>();
        Path target = folder.resolve("q.gguf");
        QuantizationOptions.Builder options = QuantizationOptions.builder(QuantizationType.Q8_0);
        QuantizationResult _ =
                Quantizer.quantize(source, target, options.progress(seen::add).build());
        assertThat(seen).isSorted().hasSizeGreaterThan(10);
        assertThat(seen.getFirst()).isZero();
        assertThat(seen.getLast()).isEqualTo(1);
        Files.delete(target);

        QuantizationOptions stopping =
                options.progress(fraction -> fraction < 0.5).build();
        assertThatThrownBy(() -> Quantizer.quantize(source, target, stopping))
                .isInstanceOf(CancellationException.class);
        QuantizationOptions throwing = options.progress(fraction -> {
                    throw new ArithmeticException("thrown by the listener");
                })
                .build();
        assertThatThrownBy(() -> Quantizer.quantize(source, target, throwing)).isInstanceOf(ArithmeticException.class);
        assertOnly();
    }

    @Test
    void oneThreadAndManyWriteTheSameBytes() throws IOException {
        Path one = folder.resolve("one.gguf");
        Path many = folder.resolve("many.gguf");
        QuantizationOptions.Builder options = QuantizationOptions.builder(QuantizationType.Q4_K_M);
        QuantizationResult first =
                Quantizer.quantize(source, one, options.threads(1).build());
        QuantizationResult second = Quantizer.quantize(
                source, many, options.threads(3).bufferBytes(1 << 16).build());
        assertThat(first.plan()).isEqualTo(second.plan());
        assertThat(Files.mismatch(one, many)).isEqualTo(-1);
    }

    private void assertOnly(String... names) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder(names);
        }
    }

    private static GgmlType type(GgufFile file, String tensor) {
        return file.tensor(tensor).orElseThrow().type();
    }

    private static float[] logits(Path file) {
        try (LlamaModel model = LlamaModel.load(file, TestModels.cpu().build());
                LlamaContext context = model.newContext(TestModels.context(64).build())) {
            return TestModels.evaluate(context, 0, 0, TestModels.prompt(8, 1));
        }
    }
}
