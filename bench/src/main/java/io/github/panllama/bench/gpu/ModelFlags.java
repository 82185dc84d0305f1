package io.github.panllama.bench.gpu;

import io.github.panllama.QuantizationType;
import io.github.panllama.synthetic.SyntheticPreset;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that tell what is measured. */
final class ModelFlags {
    private static final List<SyntheticPreset> PRESETS = List.of(
            SyntheticPreset.DEEPSEEK_R1_DISTILL_QWEN_1_5B,
            SyntheticPreset.DEEPSEEK_R1_DISTILL_QWEN_7B,
            SyntheticPreset.DEEPSEEK_V2_LITE);
    private static final List<QuantizationType> TYPES = List.of(QuantizationType.Q4_K_M, QuantizationType.Q8_0);

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "A GGUF file to measure instead of models that are made here; may be given again.")
    private List<Path> files = List.of();

    @Option(
            names = "--presets",
            paramLabel = "NAME",
            split = ",",
            description =
                    "Known models to measure, with random weights: written when their turn comes, deleted afterwards"
                            + " (default: deepseek-r1-distill-qwen-1.5b,deepseek-r1-distill-qwen-7b,deepseek-v2-lite; the first"
                            + " with --quick; on the CPU tiny models instead).")
    private List<String> presets = List.of();

    @Option(
            names = "--types",
            paramLabel = "TYPE",
            split = ",",
            description = "Types of their weights (default: Q4_K_M,Q8_0; the first with --quick).")
    private List<String> types = List.of();

    @Option(
            names = "--models",
            paramLabel = "FOLDER",
            description =
                    "Where models are written (default: ${DEFAULT-VALUE}). Files that are there under their names are used,"
                            + " and stay.")
    private Path folder = Path.of(System.getProperty("panllama.bench.models", "models"));

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /**
     * The models, the most telling type of each first.
     *
     * @param cpu whether they are tiny unless others are named
     * @param quick whether one is enough unless others are named
     * @param end when no file is written any more
     */
    List<BenchModel> models(boolean cpu, boolean quick, Deadline end) {
        boolean named = !presets.isEmpty() || !types.isEmpty();
        if (!named && !files.isEmpty()) {
            return BenchModels.ofFiles(files);
        }
        if (!named && cpu) {
            return BenchModels.tiny(folder);
        }
        List<BenchModel> written = BenchModels.presets(
                choose("--presets", presets, SyntheticPreset::byName, PRESETS, quick),
                choose("--types", types, ModelFlags::type, TYPES, quick),
                folder,
                end);
        return Stream.concat(BenchModels.ofFiles(files).stream(), written.stream())
                .toList();
    }

    private static Optional<QuantizationType> type(String name) {
        return QuantizationType.byName(name).filter(SyntheticPreset::supports);
    }

    private <T> List<T> choose(
            String option, List<String> names, Function<String, Optional<T>> byName, List<T> usual, boolean quick) {
        if (names.isEmpty()) {
            return quick ? usual.subList(0, 1) : usual;
        }
        return names.stream()
                .map(name -> byName.apply(name).orElseThrow(() -> unknown(option, name)))
                .toList();
    }

    private ParameterException unknown(String option, String name) {
        Stream<String> known = option.equals("--presets")
                ? Arrays.stream(SyntheticPreset.values()).map(SyntheticPreset::presetName)
                : Arrays.stream(QuantizationType.values())
                        .filter(SyntheticPreset::supports)
                        .map(QuantizationType::name);
        return new ParameterException(
                spec.commandLine(),
                "%s has %s, must be of %s".formatted(option, name, known.collect(Collectors.joining(", "))));
    }
}
