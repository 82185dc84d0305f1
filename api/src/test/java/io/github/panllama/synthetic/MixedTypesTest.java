package io.github.panllama.synthetic;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.panllama.QuantizationOptions;
import io.github.panllama.QuantizationType;
import io.github.panllama.QuantizedTensor;
import io.github.panllama.Quantizer;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.gguf.SparseGguf;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** llama.cpp says of every preset and type what it would quantise each tensor to; presets have the same. */
class MixedTypesTest {
    @TempDir
    Path folder;

    /** Of all numbers of layers but that of the 32B, whose header is the largest. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"DEEPSEEK_R1_DISTILL_QWEN_7B", "DEEPSEEK_R1_DISTILL_QWEN_32B"})
    void typesAreThoseThatQuantizingWouldGive(SyntheticPreset preset) throws IOException {
        Path source = write(preset, QuantizationType.F16);
        for (QuantizationType type : QuantizationType.values()) {
            if (SyntheticPreset.supports(type)) {
                Map<String, GgmlType> planned =
                        Quantizer.estimate(source, QuantizationOptions.of(type)).tensors().stream()
                                .collect(Collectors.toMap(QuantizedTensor::name, QuantizedTensor::to));
                Map<String, GgmlType> made = GgufFile.read(write(preset, type)).tensors().stream()
                        .collect(Collectors.toMap(GgufTensor::name, GgufTensor::type));
                assertThat(made).as("%s", type).isEqualTo(planned);
            }
        }
    }

    /** Without a vocabulary, which has no part in it and takes time. */
    private Path write(SyntheticPreset preset, QuantizationType type) throws IOException {
        Path file = folder.resolve(type + ".gguf");
        GgufWriter writer = new GgufWriter()
                .put("general.architecture", preset.architecture().ggufName());
        PresetFigures figures = preset.figures();
        Shape shape = figures.shape();
        figures.describe(new Blueprint.Keys(writer, preset.architecture().ggufName()), shape);
        figures.addTo(new BlockWeights(writer, new MixedTypes(type, shape), 1, new WriteProgress(null)), shape);
        SparseGguf.write(writer, file);
        return file;
    }
}
