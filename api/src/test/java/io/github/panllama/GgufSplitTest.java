package io.github.panllama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufSplit;
import io.github.panllama.gguf.InvalidGgufException;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Taking models apart, and what llama.cpp and the quantiser make of the parts. */
final class GgufSplitTest {
    @TempDir
    private Path folder;

    private Path source;

    @BeforeEach
    void writeModel() throws IOException {
        source = folder.resolve("m.gguf");
        SyntheticModel.builder(Architecture.LLAMA).weightType(GgmlType.F32).write(source);
    }

    static Stream<GgufSplit.Limits> limits() {
        return Stream.of(
                GgufSplit.Limits.ofTensors(1),
                GgufSplit.Limits.ofTensors(4),
                GgufSplit.Limits.ofTensors(1000),
                GgufSplit.Limits.ofBytes(1),
                GgufSplit.Limits.ofBytes(100_000),
                new GgufSplit.Limits(6, 60_000, true));
    }

    @ParameterizedTest
    @MethodSource("limits")
    void partsComputeWhatTheWholeComputesAndMergeToTheSameFile(GgufSplit.Limits limits) throws IOException {
        List<Path> named = GgufSplit.parts(GgufFile.read(source), folder.resolve("part.gguf"), limits);
        List<Path> parts = GgufSplit.split(GgufFile.read(source), folder.resolve("part.gguf"), limits);

        assertThat(parts).isEqualTo(named);
        GgufFile first = GgufFile.read(parts.getFirst());
        assertThat(first.metadata().intValue("split.count", -1)).isEqualTo(parts.size());
        assertThat(first.tensors().isEmpty()).isEqualTo(limits.emptyFirst());
        assertThat(parts.getLast().getFileName()).hasToString("part-%1$05d-of-%1$05d.gguf".formatted(parts.size()));
        for (Path part : parts.subList(1, parts.size())) {
            GgufFile file = GgufFile.read(part);
            assertThat(file.metadata().asMap()).containsOnlyKeys("split.no", "split.count", "split.tensors.count");
            assertThat(file.tensors()).hasSizeBetween(1, limits.maxTensors());
        }
        assertThat(logits(parts.getFirst())).containsExactly(logits(source));
        if (parts.size() > 1) {
            Path merged = folder.resolve("merged.gguf");
            GgufSplit.merge(first, merged);
            assertThat(Files.mismatch(source, merged)).isEqualTo(-1);
        }
    }

    @Test
    void theQuantiserReadsPartsAndKeepsThemIfAsked() throws IOException {
        List<Path> parts =
                GgufSplit.split(GgufFile.read(source), folder.resolve("p"), new GgufSplit.Limits(6, 1 << 20, true));
        Path whole = folder.resolve("whole.gguf");
        Path fromParts = folder.resolve("from-parts.gguf");
        QuantizationOptions.Builder options = QuantizationOptions.builder(QuantizationType.Q4_0);
        QuantizationResult _ = Quantizer.quantize(source, whole, options.build());
        QuantizationResult joined = Quantizer.quantize(parts.getFirst(), fromParts, options.build());
        assertThat(joined.plan().bytesAfter()).isEqualTo(Files.size(fromParts));
        assertThat(logits(fromParts)).containsExactly(logits(whole));

        QuantizationResult kept = Quantizer.quantize(
                parts.getFirst(),
                folder.resolve("kept.gguf"),
                options.keepSplit().build());
        assertThat(kept.files())
                .hasSameSizeAs(parts)
                .isEqualTo(Quantizer.targets(parts.getFirst(), folder.resolve("kept.gguf"), options.build()));
        assertThat(kept.files().getFirst().getFileName())
                .hasToString("kept-00001-of-%05d.gguf".formatted(parts.size()));
        long bytes = 0;
        for (Path part : kept.files()) {
            bytes += Files.size(part);
        }
        assertThat(kept.plan().bytesAfter()).isEqualTo(bytes);
        assertThat(logits(kept.files().getFirst())).containsExactly(logits(whole));
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.filter(file -> file.toString().contains(".part-"))).isEmpty();
        }
    }

    @Test
    void partsThatDoNotBelongTogetherAreRefused() throws IOException {
        GgufFile whole = GgufFile.read(source);
        Path merged = folder.resolve("merged.gguf");
        assertThatThrownBy(() -> GgufSplit.merge(whole, merged))
                .isInstanceOf(InvalidGgufException.class)
                .hasMessageContaining("whole model");
        List<Path> parts = GgufSplit.split(whole, folder.resolve("p"), GgufSplit.Limits.ofTensors(8));
        GgufFile first = GgufFile.read(parts.getFirst());
        GgufFile second = GgufFile.read(parts.get(1));
        assertThatThrownBy(() -> GgufSplit.merge(second, merged)).isInstanceOf(InvalidGgufException.class);
        assertThatThrownBy(() -> GgufSplit.split(first, folder.resolve("q"), GgufSplit.Limits.ofTensors(8)))
                .isInstanceOf(InvalidGgufException.class);
        assertThatThrownBy(() -> GgufSplit.merge(first, parts.get(1))).isInstanceOf(IllegalArgumentException.class);
        Files.copy(parts.get(2), parts.get(1), StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> GgufSplit.merge(first, merged)).isInstanceOf(InvalidGgufException.class);
        Files.delete(parts.get(1));
        assertThatThrownBy(() -> GgufSplit.merge(first, merged)).isInstanceOf(NoSuchFileException.class);
        assertThat(merged).doesNotExist();
        assertThatThrownBy(() -> GgufSplit.parts(merged, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> GgufSplit.parts(merged, 65_536)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> GgufSplit.Limits.ofTensors(0)).isInstanceOf(IllegalArgumentException.class);
    }

    private static float[] logits(Path file) {
        try (LlamaModel model = LlamaModel.load(file, TestModels.cpu().build());
                LlamaContext context = model.newContext(TestModels.context(64).build())) {
            return TestModels.evaluate(context, 0, 0, TestModels.prompt(8, 1));
        }
    }
}
