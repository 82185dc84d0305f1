package io.github.panllama.bench.gpu;

import io.github.panllama.QuantizationType;
import io.github.panllama.gguf.GgmlType;
import io.github.panllama.synthetic.Architecture;
import io.github.panllama.synthetic.PresetModel;
import io.github.panllama.synthetic.SyntheticModel;
import io.github.panllama.synthetic.SyntheticModelBuilder;
import io.github.panllama.synthetic.SyntheticPreset;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The models of a benchmark. */
final class BenchModels {
    private static final int CONTEXT = 16 * 1024;
    private static final Pattern NAME = Pattern.compile("(.+)-(I?Q\\d\\w*|B?F\\d+)\\.gguf");

    private BenchModels() {}

    /** Files that are there. Of a name such as {@code some-7b-Q4_K_M.gguf}, the last part is the type. */
    static List<BenchModel> ofFiles(List<Path> files) {
        return files.stream().map(BenchModels::ofFile).toList();
    }

    private static BenchModel ofFile(Path file) {
        Matcher parts = NAME.matcher(String.valueOf(file.getFileName()));
        return parts.matches()
                ? new BenchModel(parts.group(1), parts.group(2), () -> file)
                : new BenchModel(String.valueOf(file.getFileName()).replaceFirst("\\.gguf$", ""), "file", () -> file);
    }

    /**
     * Two of about a million parameters each, for a CPU: one like llama, and one with experts like DeepSeek-V2.
     *
     * @param folder for their files
     */
    static List<BenchModel> tiny(Path folder) {
        return List.of(
                tiny(folder, "tiny-dense", SyntheticModel.benchmark()),
                tiny(folder, "tiny-experts", SyntheticModel.builder(Architecture.DEEPSEEK2)));
    }

    private static BenchModel tiny(Path folder, String name, SyntheticModelBuilder model) {
        GgmlType type = GgmlType.Q8_0;
        return written(
                folder,
                name,
                type.toString(),
                file -> model.contextLength(CONTEXT).weightType(type).build().write(file));
    }

    /**
     * Known models in every type, all of the first type first; with random weights.
     *
     * @param folder for their files
     * @param end when nothing is written any more
     */
    static List<BenchModel> presets(
            List<SyntheticPreset> presets, List<QuantizationType> types, Path folder, Deadline end) {
        return types.stream()
                .flatMap(type -> presets.stream().map(preset -> preset.model(type)))
                .map(model -> preset(model, folder, end))
                .toList();
    }

    static BenchModel preset(PresetModel model, Path folder, Deadline end) {
        return written(folder, model.preset().presetName(), model.type().name(), file -> {
            Deadline begun = Deadline.never();
            model.withProgress(_ -> !end.isOver()).write(file);
            GpuBench.note("%s: %,d MB written in %d s"
                    .formatted(
                            file.getFileName(),
                            model.size() / 1_000_000,
                            begun.elapsed().toSeconds()));
        });
    }

    private static BenchModel written(Path folder, String name, String type, WrittenFile.Writer writer) {
        return new BenchModel(name, type, new WrittenFile(folder.resolve("%s-%s.gguf".formatted(name, type)), writer));
    }
}
