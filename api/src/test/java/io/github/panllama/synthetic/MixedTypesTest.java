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
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** llama.cpp says of every preset and type what it would quantise each tensor to; presets have the same. */
class MixedTypesTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void typesAreThoseThatQuantizingWouldGive(SyntheticPreset preset) throws IOException {
        Path source = write(preset.model(QuantizationType.F16));
        Arrays.stream(QuantizationType.values())
                .filter(SyntheticPreset::supports)
                .forEach(type -> check(preset, type, source));
    }

    private void check(SyntheticPreset preset, QuantizationType type, Path source) {
        Map<String, GgmlType> planned;
        Map<String, GgmlType> made;
        try {
            planned = Quantizer.estimate(source, QuantizationOptions.of(type)).tensors().stream()
                    .collect(Collectors.toMap(QuantizedTensor::name, QuantizedTensor::to));
            made = GgufFile.read(write(preset.model(type))).tensors().stream()
                    .collect(Collectors.toMap(GgufTensor::name, GgufTensor::type));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(made).as("%s", type).isEqualTo(planned);
    }

    /** Without a vocabulary, which has no part in it and takes time to read. */
    private Path write(PresetModel model) throws IOException {
        Path file = folder.resolve(model.type() + ".gguf");
        GgufWriter writer = model.writer(new WriteProgress(null));
        for (String key : new String[] {"tokens", "token_type", "merges"}) {
            writer.remove("tokenizer.ggml." + key);
        }
        SparseGguf.write(writer, file);
        return file;
    }
}
