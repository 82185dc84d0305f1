package io.github.panllama.cli;

import io.github.panllama.QuantizationOptions;
import io.github.panllama.QuantizationPlan;
import io.github.panllama.QuantizationResult;
import io.github.panllama.QuantizationType;
import io.github.panllama.Quantizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A smaller model from a model. */
@Command(
        name = "quantize",
        header = "Make a model smaller: store its weights with fewer bits.",
        customSynopsis = "panllama quantize [OPTIONS] [IN] OUT TYPE",
        description = {
            "TYPE is a recipe: most tensors get the type in its name, and those that need more bits get more. --list shows"
                    + " all. Begin with an F16, BF16 or F32 file: quantising twice loses twice.",
            "OUT appears when it is whole. A failure, or Ctrl-C, leaves nothing behind."
        },
        footer = {
            "Examples:",
            "  panllama quantize --list",
            "        the types, with the bits per weight that they come to",
            "  panllama quantize m-f16.gguf m-q4.gguf Q4_K_M",
            "        the usual choice",
            "  panllama quantize small.gguf Q4_0 --allow-requantize",
            "        without IN: the bundled model, which is quantised already",
            "  panllama quantize m-f16.gguf m.gguf Q4_K_M --dry-run --json | jq .bytes_after",
            "        how large it would be, exactly",
            "  panllama quantize m-f16.gguf m.gguf Q4_K_M --tensor-type 'ffn_down=Q8_0' --output-tensor-type F16",
            "        mixed precision: patterns are regular expressions, found anywhere in a tensor's name, the first wins",
            "  panllama quantize m-f16.gguf m.gguf IQ2_XS --imatrix m.imatrix",
            "        the lowest types need an importance matrix",
            "",
            "--json prints {\"type\", \"source\", \"files\", \"bytes_before\", \"bytes_after\", \"bits_per_weight\",",
            "  \"tensors_by_type\", \"fallbacks\", \"missing_importance\", \"duration_ms\", \"dry_run\","
                    + " \"tensors\": [{\"name\", \"shape\", \"from\", \"to\", \"bytes_before\", \"bytes_after\"}]}."
        })
final class QuantizeCommand extends Subcommand {
    private static final String BUNDLED = "bundled";

    @Parameters(
            paramLabel = "[IN] OUT TYPE",
            arity = "0..3",
            description = "The GGUF file to read (default: the bundled model), the file to write, and the type.")
    private List<String> arguments = List.of();

    @Option(
            names = "--tensor-type",
            paramLabel = "PATTERN=TYPE",
            description =
                    "A type for the tensors whose names the pattern finds, such as ffn_down=Q8_0. May be repeated.")
    private List<String> tensorTypes = List.of();

    @Option(names = "--output-tensor-type", paramLabel = "T", description = "The type of output.weight.")
    private @Nullable String outputTensorType;

    @Option(names = "--token-embedding-type", paramLabel = "T", description = "The type of the token embeddings.")
    private @Nullable String tokenEmbeddingType;

    @Option(names = "--leave-output-tensor", description = "Copy output.weight as it is.")
    private boolean leaveOutputTensor;

    @Option(names = "--pure", description = "No recipe: one type for all.")
    private boolean pure;

    @Option(names = "--allow-requantize", description = "Take a model that is quantised already, and lose more.")
    private boolean allowRequantize;

    @Option(
            names = "--imatrix",
            paramLabel = "FILE",
            description = "How much columns matter: what llama.cpp's imatrix tool wrote, of either format.")
    private @Nullable Path imatrix;

    @Option(names = "--keep-split", description = "Write a model in several files into as many (default: into one).")
    private boolean keepSplit;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: one for each processor).")
    private @Nullable Integer threads;

    @Option(names = "--dry-run", description = "Write nothing: say what would be done, and the exact size.")
    private boolean dryRun;

    @Option(names = "--force", description = "Replace OUT, or its parts, if they are there.")
    private boolean force;

    @Option(names = "--list", description = "List the types.")
    private boolean list;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    QuantizeCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        if (list) {
            new QuantizeReport(out()).types(json);
            return ExitCode.SUCCESS;
        }
        if (arguments.size() < 2) {
            throw new UsageException("OUT and TYPE are needed, such as: quantize in.gguf out.gguf Q4_K_M");
        }
        Path target = Path.of(arguments.get(arguments.size() - 2));
        QuantizationType type = TypeNames.recipe(arguments.getLast());
        QuantizationOptions.Builder options = UsageException.checking(() -> options(type));
        checkNotMeantAsSource(target);
        Path source = source();
        QuantizeReport report = new QuantizeReport(out());
        if (dryRun) {
            QuantizationPlan plan = Quantizer.estimate(source, UsageException.checking(options::build));
            report.plan(source, plan, json);
            return ExitCode.SUCCESS;
        }
        if (!force) {
            Existing.refuse(Quantizer.targets(source, target, UsageException.checking(options::build)));
        }
        try (Interruption interruption = Interruption.watch()) {
            report.result(source, quantize(source, target, options, interruption), json);
        } catch (CancellationException e) {
            return ExitCode.FAILURE; // Ctrl-C: the process is ending
        }
        return ExitCode.SUCCESS;
    }

    /** {@code quantize m.gguf Q4_0} wants to read m.gguf, whatever --force says, and would replace it by another model. */
    private void checkNotMeantAsSource(Path target) {
        if (arguments.size() == 2 && Existing.isThere(target)) {
            throw new UsageException(
                    "%1$s is there already, and without IN it is OUT: read it with `quantize %1$s OUT %2$s`, or replace it by"
                                    .formatted(target, arguments.getLast())
                            + " the bundled model with `quantize %s %s %s --force`"
                                    .formatted(BUNDLED, target, arguments.getLast()));
        }
    }

    private QuantizationResult quantize(
            Path source, Path target, QuantizationOptions.Builder options, Interruption interruption)
            throws IOException {
        try (ProgressBar bar = new ProgressBar(terminal(), String.valueOf(target.getFileName()))) {
            options.progress(fraction -> {
                bar.show(fraction);
                return !interruption.isRequested();
            });
            return Quantizer.quantize(source, target, UsageException.checking(options::build));
        }
    }

    private Path source() throws IOException {
        boolean given = arguments.size() > 2 && !arguments.getFirst().equals(BUNDLED);
        return DefaultModel.of(given ? Path.of(arguments.getFirst()) : null, terminal())
                .file();
    }

    private QuantizationOptions.Builder options(QuantizationType type) {
        QuantizationOptions.Builder options = QuantizationOptions.builder(type);
        for (String rule : tensorTypes) {
            int equals = rule.lastIndexOf('=');
            if (equals < 1) {
                throw new UsageException("--tensor-type is %s, must be PATTERN=TYPE".formatted(rule));
            }
            options.tensorType(rule.substring(0, equals), TypeNames.tensor(rule.substring(equals + 1)));
        }
        if (outputTensorType != null) {
            options.outputTensorType(TypeNames.tensor(outputTensorType));
        }
        if (tokenEmbeddingType != null) {
            options.tokenEmbeddingType(TypeNames.tensor(tokenEmbeddingType));
        }
        if (leaveOutputTensor) {
            options.leaveOutputTensor();
        }
        if (pure) {
            options.pure();
        }
        if (allowRequantize) {
            options.allowRequantize();
        }
        if (imatrix != null) {
            options.importanceMatrix(imatrix);
        }
        if (keepSplit) {
            options.keepSplit();
        }
        if (threads != null) {
            options.threads(threads);
        }
        return options;
    }
}
