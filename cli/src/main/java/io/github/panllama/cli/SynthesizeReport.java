package io.github.panllama.cli;

import io.github.panllama.QuantizationType;
import io.github.panllama.synthetic.PresetModel;
import io.github.panllama.synthetic.SyntheticPreset;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The presets there are, and what became of one, for people or as JSON. */
final class SynthesizeReport {
    private static final List<QuantizationType> SHOWN =
            List.of(QuantizationType.Q4_K_M, QuantizationType.Q8_0, QuantizationType.F16);

    private final Output out;

    SynthesizeReport(Output out) {
        this.out = out;
    }

    static String typeNames() {
        return Arrays.stream(QuantizationType.values())
                .filter(SyntheticPreset::supports)
                .map(QuantizationType::name)
                .collect(Collectors.joining(", "));
    }

    void presets(boolean json) {
        if (json) {
            out.println(Json.write(Arrays.stream(SyntheticPreset.values())
                    .map(SynthesizeReport::object)
                    .toList()));
            return;
        }
        out.println(
                "%-30s %11s %7s %11s %11s %11s".formatted("preset", "parameters", "layers", "Q4_K_M", "Q8_0", "F16"));
        for (SyntheticPreset preset : SyntheticPreset.values()) {
            out.println(String.format(
                    Locale.ROOT,
                    "%-30s %9.2f B %7d %11s %11s %11s",
                    preset.presetName(),
                    preset.model(QuantizationType.Q4_K_M).parameters() / 1e9,
                    preset.layers(),
                    size(preset, SHOWN.get(0)),
                    size(preset, SHOWN.get(1)),
                    size(preset, SHOWN.get(2))));
        }
        out.println("");
        out.println("Types: " + typeNames());
    }

    private static String size(SyntheticPreset preset, QuantizationType type) {
        return Quantity.bytes(preset.model(type).size());
    }

    private static Map<String, Object> object(SyntheticPreset preset) {
        Map<String, Object> sizes = new LinkedHashMap<>();
        SHOWN.forEach(type -> sizes.put(type.name(), preset.model(type).size()));
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("preset", preset.presetName());
        object.put("architecture", preset.architecture().ggufName());
        object.put("parameters", preset.model(QuantizationType.F16).parameters());
        object.put("layers", preset.layers());
        object.put("bytes", sizes);
        return object;
    }

    void written(Path file, PresetModel model, Duration duration, boolean json) {
        long bytes = model.size();
        double seconds = duration.toNanos() / 1e9;
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("file", file.toString());
            object.put("preset", model.preset().presetName());
            object.put("type", model.type().name());
            object.put("layers", model.layers());
            object.put("seed", model.seed());
            object.put("parameters", model.parameters());
            object.put("bytes", bytes);
            object.put("duration_ms", duration.toMillis());
            object.put("bytes_per_second", Math.round(bytes / seconds));
            out.println(Json.write(object));
            return;
        }
        out.println("Written: " + file);
        out.println(String.format(
                Locale.ROOT,
                "%s, %,d parameters in %d layers, %s; %.1f s, %s/s",
                Quantity.bytes(bytes),
                model.parameters(),
                model.layers(),
                model.type(),
                seconds,
                Quantity.bytes((long) (bytes / seconds))));
    }
}
