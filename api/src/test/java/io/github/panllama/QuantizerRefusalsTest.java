package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufSplit;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufType;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be quantised: one clear error each, and no file. */
final class QuantizerRefusalsTest {
    @TempDir
    private Path inputs;

    @TempDir
    private Path outputs;

    private Path source;
    private Path target;

    @BeforeEach
    void writeModel() throws IOException {
        source = inputs.resolve("source.gguf");
        target = outputs.resolve("target.gguf");
        SyntheticModel.builder(Architecture.LLAMA).feedForwardLength(160).write(source);
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        try (Stream<Path> files = Files.list(outputs)) {
            assertThat(files).isEmpty();
        }
    }

    private QuantizationException refused(QuantizationOptions.Builder options) {
        QuantizationException refused = catchThrowableOfType(
                QuantizationException.class, () -> Quantizer.quantize(source, target, options.build()));
        assertThat(refused).isNotNull();
        return refused;
    }

    private static QuantizationOptions.Builder to(QuantizationType type) {
        return QuantizationOptions.builder(type);
    }

    @Test
    void aTypeThatATensorCannotTakeIsNamedWithWhatFits() {
        QuantizationException refused = refused(to(QuantizationType.Q8_0).tensorType("ffn_down", GgmlType.Q4_K));
        assertThat(refused)
                .hasMessageContaining("blk.0.ffn_down.weight cannot become q4_K: its rows of 160")
                .hasMessageContaining("q8_0");
        assertThat(refused.tensor()).contains("blk.0.ffn_down.weight");
    }

    @Test
    void aTypeThatTheEmbeddingsOrTheOutputCannotTakeIsRefused() throws IOException {
        SyntheticModel.builder(Architecture.LLAMA)
                .embeddingLength(96)
                .tiedEmbeddings(false)
                .write(source);
        assertThat(refused(to(QuantizationType.Q8_0).tokenEmbeddingType(GgmlType.Q4_K))
                        .tensor())
                .contains("token_embd.weight");
        assertThat(refused(to(QuantizationType.Q8_0).outputTensorType(GgmlType.Q6_K))
                        .tensor())
                .contains("output.weight");
        SyntheticModel.builder(Architecture.LLAMA)
                .embeddingLength(96)
                .tiedEmbeddings(true)
                .write(source);
        assertThat(refused(to(QuantizationType.Q8_0).outputTensorType(GgmlType.Q6_K))
                        .tensor())
                .contains("token_embd.weight");
    }

    @Test
    void quantisingAgainIsRefusedUnlessAllowed() throws IOException {
        Path quantised = inputs.resolve("q4.gguf");
        QuantizationResult _ = Quantizer.quantize(source, quantised, QuantizationOptions.of(QuantizationType.Q8_0));
        source = quantised;
        assertThat(refused(to(QuantizationType.Q4_0)))
                .hasMessageContaining("is quantised already (q8_0)")
                .hasMessageContaining("allowRequantize");
        QuantizationResult again = Quantizer.quantize(
                source, target, to(QuantizationType.Q4_0).allowRequantize().build());
        assertThat(again.plan().bytesAfter()).isEqualTo(Files.size(target));
        Files.delete(target);
    }

    @Test
    void lowBitsNeedImportance() throws IOException {
        SyntheticModel.builder(Architecture.LLAMA)
                .embeddingLength(256)
                .feedForwardLength(256)
                .write(source);
        for (QuantizationType type : new QuantizationType[] {QuantizationType.IQ2_XXS, QuantizationType.Q2_K_S}) {
            assertThat(Quantizer.estimate(source, QuantizationOptions.of(type)).missingImportance())
                    .isNotEmpty();
            assertThat(refused(to(type))).hasMessageContaining("needs an importance matrix for blk.");
        }
        // C asserts here.
        assertThat(refused(to(QuantizationType.Q8_0).tokenEmbeddingType(GgmlType.IQ2_XXS))
                        .tensor())
                .contains("token_embd.weight");
        assertThat(refused(to(QuantizationType.Q8_0).tensorType("attn_q", GgmlType.IQ1_S))
                        .tensor())
                .contains("blk.0.attn_q.weight");
    }

    @Test
    void importanceOfAnotherModelIsRefused() throws IOException {
        Path other = inputs.resolve("other.gguf");
        SyntheticModel.builder(Architecture.LLAMA).embeddingLength(96).write(other);
        Path matrix = ImatrixFiles.gguf(inputs.resolve("other.imatrix"), GgufFile.read(other), 1);
        assertThat(refused(to(QuantizationType.Q4_0).importanceMatrix(matrix)))
                .hasMessageContaining("it is of another model");
        Path garbage = Files.write(inputs.resolve("garbage.imatrix"), new byte[100]);
        assertThat(refused(to(QuantizationType.Q4_0).importanceMatrix(garbage)))
                .hasMessageContaining("Cannot read the importance matrix");
        byte[] whole = Files.readAllBytes(matrix);
        for (int length = 0; length < whole.length; length += 997) {
            Path cut = Files.write(inputs.resolve("cut"), Arrays.copyOf(whole, length));
            assertThat(refused(to(QuantizationType.Q4_0).importanceMatrix(cut)))
                    .hasMessageContaining("Cannot read the importance matrix");
        }
        assertThatThrownBy(() -> Quantizer.quantize(
                        source,
                        target,
                        to(QuantizationType.Q4_0)
                                .importanceMatrix(inputs.resolve("none"))
                                .build()))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void patternsThatFindNothingOrChangeNothingAreRefused() {
        assertThat(refused(to(QuantizationType.Q8_0).tensorType("ffn_donw", GgmlType.Q4_0)))
                .hasMessageContaining("ffn_donw finds no tensor");
        assertThat(refused(to(QuantizationType.Q8_0).tensorType("attn_norm", GgmlType.Q4_0)))
                .hasMessageContaining("attn_norm has no effect");
        assertThatThrownBy(() -> Quantizer.quantize(
                        source,
                        target,
                        to(QuantizationType.Q8_0)
                                .tensorType("(.*)".repeat(12) + "!\\1", GgmlType.Q4_0)
                                .build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("takes too long");
    }

    @Test
    void theTargetIsNeitherTheSourceNorAFolder() throws IOException {
        target = source;
        assertThat(refused(to(QuantizationType.Q8_0))).hasMessageContaining("is the model that is to be read");
        target = Files.createSymbolicLink(inputs.resolve("link.gguf"), source);
        assertThat(refused(to(QuantizationType.Q8_0))).hasMessageContaining("is the model that is to be read");
        target = Files.createLink(inputs.resolve("hard.gguf"), source);
        assertThat(refused(to(QuantizationType.Q8_0))).hasMessageContaining("is the model that is to be read");
        target = Path.of("").toAbsolutePath().relativize(inputs.resolve("./x/../source.gguf"));
        Files.createDirectory(inputs.resolve("x"));
        assertThat(refused(to(QuantizationType.Q8_0))).hasMessageContaining("is the model that is to be read");
        target = ImatrixFiles.gguf(inputs.resolve("m.imatrix"), GgufFile.read(source), 1);
        assertThat(refused(to(QuantizationType.Q8_0).importanceMatrix(target)))
                .hasMessageContaining("is the importance matrix that is to be read");
        target = inputs;
        assertThat(refused(to(QuantizationType.Q8_0))).hasMessageContaining("it is a folder");
        Path nowhere = outputs.resolve("no/such/folder/x.gguf");
        assertThatThrownBy(() -> Quantizer.quantize(source, nowhere, QuantizationOptions.of(QuantizationType.Q8_0)))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("there is no such folder");
    }

    /** C would write to NULL for such a part between others, and forget one at the end. */
    @Test
    void partsWithoutTensorsAreNotKept() throws IOException {
        for (int empty = 1; empty < 3; empty++) {
            Path first = withEmptyPart(empty);
            QuantizationOptions.Builder options = to(QuantizationType.Q8_0);
            QuantizationResult whole = Quantizer.quantize(first, target, options.build());
            assertThat(whole.plan().tensors())
                    .hasSameSizeAs(GgufFile.read(source).tensors());
            Files.delete(target);

            QuantizationOptions kept = options.keepSplit().build();
            String message = "%d-0000%d-of-00003.gguf has no tensors; without keepSplit".formatted(empty, empty + 1);
            assertThatThrownBy(() -> Quantizer.estimate(first, kept))
                    .isInstanceOf(QuantizationException.class)
                    .hasMessageContaining(message);
            assertThatThrownBy(() -> Quantizer.quantize(first, target, kept))
                    .isInstanceOf(QuantizationException.class)
                    .hasMessageContaining(message);
        }
    }

    /** The model in three parts, of which one has no tensors; the first part. */
    private Path withEmptyPart(int empty) throws IOException {
        GgufFile file = GgufFile.read(source);
        List<Path> names = IntStream.range(0, 3)
                .mapToObj(part -> inputs.resolve(GgufSplit.partName(String.valueOf(empty), part, 3)))
                .toList();
        for (int part = 0; part < 3; part++) {
            GgufWriter writer = part == 0 ? new GgufWriter().putAll(file) : new GgufWriter();
            writer.put("split.no", GgufValue.parse(GgufType.UINT16, String.valueOf(part)))
                    .put("split.count", GgufValue.parse(GgufType.UINT16, "3"))
                    .put("split.tensors.count", GgufValue.int32(file.tensors().size()));
            for (GgufTensor tensor : file.tensors()) {
                boolean first = file.tensors().indexOf(tensor) < 5;
                if (part == (first ? 0 : 3 - empty)) {
                    writer.tensor(
                            tensor.name(),
                            tensor.type(),
                            file.source(tensor),
                            tensor.shape().stream().mapToLong(Long::longValue).toArray());
                }
            }
            writer.write(names.get(part));
        }
        return names.getFirst();
    }

    @Test
    void aDamagedSourceIsRefusedByJava() throws IOException {
        byte[] bytes = Files.readAllBytes(source);
        Files.write(source, Arrays.copyOf(bytes, bytes.length - 100));
        assertThatThrownBy(() -> Quantizer.quantize(source, target, QuantizationOptions.of(QuantizationType.Q8_0)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("truncated");
    }

    @Test
    void weightsThatAreNoNumbersAreRefused() throws IOException {
        GgufFile file = GgufFile.read(source);
        byte[] bytes = Files.readAllBytes(source);
        int at = (int) (file.dataOffset()
                + file.tensor("blk.1.ffn_up.weight").orElseThrow().offset());
        Arrays.fill(bytes, at, at + 4, (byte) 0xff);
        Files.write(source, bytes);
        assertThat(refused(to(QuantizationType.Q4_0))).hasMessageContaining("blk.1.ffn_up.weight");
    }

    @Test
    void optionsThatContradictEachOtherAreRefused() {
        assertThatThrownBy(() ->
                        to(QuantizationType.F16).tensorType("x", GgmlType.Q8_0).build())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> to(QuantizationType.Q8_0)
                        .leaveOutputTensor()
                        .outputTensorType(GgmlType.F16)
                        .build())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> to(QuantizationType.Q8_0).tensorType("x", GgmlType.Q8_K))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("q8_K");
        assertThatThrownBy(() -> to(QuantizationType.Q8_0).tensorType("(", GgmlType.Q8_0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> to(QuantizationType.Q8_0).threads(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
