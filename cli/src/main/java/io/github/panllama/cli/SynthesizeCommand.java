package io.github.panllama.cli;

import io.github.panllama.QuantizationType;
import io.github.panllama.synthetic.PresetModel;
import io.github.panllama.synthetic.SyntheticPreset;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A file in the shape of a known model. */
@Command(
        name = "synthesize",
        header = "Write a model file in the exact shape of a known model, with random weights.",
        customSynopsis = "panllama synthesize --preset NAME [OPTIONS] OUT",
        description = {
            "Speed and memory depend on shapes, types and the size of the vocabulary, not on what the weights are: measure"
                    + " with such a file instead of downloading one. What it says has no meaning.",
            "OUT appears when it is whole. A failure, or Ctrl-C, leaves nothing behind."
        },
        footer = {
            "Presets, with the size of OUT in Q4_K_M, Q8_0 and F16:",
            "  deepseek-r1-distill-qwen-1.5b    1.0 GiB    1.8 GiB     3.3 GiB",
            "  deepseek-r1-distill-qwen-7b      4.4 GiB    7.5 GiB    14.2 GiB",
            "  deepseek-r1-distill-llama-8b     4.6 GiB    8.0 GiB    15.0 GiB",
            "  deepseek-r1-distill-qwen-14b     8.4 GiB   14.6 GiB    27.5 GiB",
            "  deepseek-r1-distill-qwen-32b    18.5 GiB   32.4 GiB    61.0 GiB",
            "  deepseek-v2-lite                 9.7 GiB   15.6 GiB    29.3 GiB",
            "  deepseek-v3-8layers             35.0 GiB   60.5 GiB   113.9 GiB",
            "",
            "Examples:",
            "  panllama synthesize --list",
            "        the presets, with their parameters",
            "  panllama synthesize --preset deepseek-r1-distill-qwen-1.5b m.gguf",
            "        1.8 billion parameters in Q4_K_M",
            "  panllama synthesize --preset deepseek-v3-8layers --layers 4 --type Q4_0 m.gguf",
            "        three dense layers and one with all 256 experts, for a small card",
            "  panllama bench --model m.gguf --parallel 1,8,32",
            "        how fast it is served",
            "",
            "--json prints {\"file\", \"preset\", \"type\", \"layers\", \"seed\", \"parameters\", \"bytes\","
                    + " \"duration_ms\", \"bytes_per_second\"}."
        })
final class SynthesizeCommand extends Subcommand {
    @Parameters(paramLabel = "OUT", arity = "0..1", description = "The GGUF file to write.")
    private @Nullable Path target;

    @Option(names = "--preset", paramLabel = "NAME", description = "The known model.")
    private @Nullable String preset;

    @Option(
            names = "--type",
            paramLabel = "T",
            description =
                    "How weights are stored: which tensor gets which type is as in a file that llama.cpp quantised"
                            + " (default: Q4_K_M).")
    private String type = "Q4_K_M";

    @Option(
            names = "--layers",
            paramLabel = "N",
            description = "Only the first N layers. One of those with experts stays.")
    private @Nullable Integer layers;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "What the weights depend on; the same seed gives the same bytes (default: 1).")
    private long seed = 1;

    @Option(names = "--force", description = "Replace OUT if it is there.")
    private boolean force;

    @Option(names = "--list", description = "List the presets and the types.")
    private boolean list;

    @Option(names = "--json", description = "Print one JSON object; of --list, an array.")
    private boolean json;

    SynthesizeCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        SynthesizeReport report = new SynthesizeReport(out());
        if (list) {
            report.presets(json);
            return ExitCode.SUCCESS;
        }
        if (preset == null || target == null) {
            throw new UsageException(
                    "--preset and OUT are needed, such as: synthesize --preset deepseek-r1-distill-qwen-1.5b m.gguf");
        }
        String name = preset;
        Path file = target;
        PresetModel model = UsageException.checking(() -> model(name));
        if (!force) {
            Existing.refuse(file);
        }
        return GgufFiles.write(file, () -> report.written(file, model, write(model, file), json));
    }

    private PresetModel model(String name) {
        PresetModel model = SyntheticPreset.byName(name)
                .orElseThrow(() -> new UsageException("--preset is %s, must be one of %s"
                        .formatted(
                                name,
                                Arrays.stream(SyntheticPreset.values())
                                        .map(SyntheticPreset::presetName)
                                        .collect(Collectors.joining(", ")))))
                .model(type())
                .withSeed(seed);
        return layers == null ? model : model.withLayers(layers);
    }

    private QuantizationType type() {
        return QuantizationType.byName(type)
                .filter(SyntheticPreset::supports)
                .orElseThrow(() -> new UsageException(
                        "--type is %s, must be one of %s".formatted(type, SynthesizeReport.typeNames())));
    }

    private Duration write(PresetModel model, Path file) throws IOException {
        long start = System.nanoTime();
        long size = model.size();
        try (ProgressBar bar = new ProgressBar(terminal(), String.valueOf(file.getFileName()))) {
            model.withProgress(fraction -> {
                        double seconds = (System.nanoTime() - start) / 1e9;
                        bar.show(fraction, ", %s/s".formatted(Quantity.bytes((long) (fraction * size / seconds))));
                        return true;
                    })
                    .write(file);
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
