package io.github.panllama.abuse;

import io.github.panllama.QuantizationOptions;
import io.github.panllama.QuantizationPlan;
import io.github.panllama.QuantizationType;
import io.github.panllama.QuantizedTensor;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufMetadata;
import io.github.panllama.gguf.GgufSplit;
import io.github.panllama.gguf.GgufTensor;
import io.github.panllama.gguf.GgufType;
import io.github.panllama.gguf.GgufValidator;
import io.github.panllama.gguf.GgufValue;
import io.github.panllama.gguf.GgufWriter;
import io.github.panllama.gguf.InvalidGgufException;
import io.github.panllama.gguf.TensorSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The {@link Samples} of the package {@code gguf}, and of quantization, which makes a file of another. */
final class FileSamples {
    private FileSamples() {}

    static void register(Map<String, Samples.Maker> makers) {
        files(makers);
        quantization(makers);
    }

    private static GgufFile gguf(Samples samples) throws Exception {
        return GgufFile.read(samples.fixture().file());
    }

    private static GgufTensor tensor() {
        return new GgufTensor("t", List.of(32L), GgmlType.F32, 0, 128);
    }

    private static QuantizedTensor quantized() {
        return new QuantizedTensor("t", List.of(32L), GgmlType.F32, GgmlType.Q8_0, 128, 34, Optional.empty());
    }

    private static void files(Map<String, Samples.Maker> makers) {
        Samples.put(makers, GgufFile.class, FileSamples::gguf);
        makers.put("java.util.List<io.github.panllama.gguf.GgufFile>", samples -> List.of(gguf(samples)));
        makers.put(
                "java.util.Map<java.lang.String, io.github.panllama.gguf.GgufValue>",
                samples -> Map.of("key", new GgufValue.Text("text")));
        Samples.put(makers, GgufValidator.class, samples -> GgufValidator.of(gguf(samples)));
        Samples.put(
                makers,
                GgufValidator.Finding.class,
                samples -> new GgufValidator.Finding(GgufValidator.Rules.FORMAT, null));
        Samples.put(makers, GgufMetadata.class, samples -> gguf(samples).metadata());
        Samples.put(makers, GgufTensor.class, samples -> tensor());
        Samples.put(makers, GgufValue.Array.class, samples -> GgufValue.int32s(1));
        Samples.put(makers, GgufValue.class, samples -> new GgufValue.Text("text"));
        Samples.put(makers, GgufWriter.class, samples -> new GgufWriter());
        Samples.put(makers, GgufEditor.class, samples -> GgufEditor.of(gguf(samples)));
        Samples.put(makers, GgufSplit.Limits.class, samples -> GgufSplit.Limits.ofTensors(1000));
        Samples.put(makers, InvalidGgufException.class, samples -> new InvalidGgufException("message", 0, null));
        Samples.put(
                makers,
                TensorSource.class,
                samples -> gguf(samples).source(gguf(samples).tensors().getFirst()));
        Samples.put(makers, TensorSource.Rows.class, samples -> (TensorSource.Rows) (index, row) -> {});
        Samples.put(makers, GgufType.class, samples -> GgufType.STRING);
        makers.put("java.util.List<io.github.panllama.gguf.GgufValue$Array>", samples -> List.of(GgufValue.int32s(1)));
    }

    private static void quantization(Map<String, Samples.Maker> makers) {
        Samples.put(makers, QuantizationOptions.class, samples -> QuantizationOptions.of(QuantizationType.Q8_0));
        Samples.put(
                makers,
                QuantizationOptions.Builder.class,
                samples -> QuantizationOptions.builder(QuantizationType.Q8_0));
        Samples.put(makers, QuantizedTensor.class, samples -> quantized());
        Samples.put(
                makers,
                QuantizationPlan.class,
                samples -> new QuantizationPlan(QuantizationType.Q8_0, List.of(quantized()), 1, 1, List.of()));
        makers.put("java.util.List<io.github.panllama.QuantizedTensor>", samples -> List.of(quantized()));
        makers.put("java.util.Optional<io.github.panllama.gguf.GgmlType>", samples -> Optional.of(GgmlType.F32));
    }
}
