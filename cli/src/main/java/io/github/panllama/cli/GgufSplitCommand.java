package io.github.panllama.cli;

import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufSplit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a model apart. */
@Command(
        name = "split",
        header = "Take a model apart into several files.",
        description = "The parts are named like llama.cpp's, such as OUT-00001-of-00003.gguf; load the first.",
        footer = {
            "Examples:",
            "  panllama gguf split m.gguf m --max-size 2G",
            "        at most 2,000,000,000 bytes of tensors in each; a larger tensor has a part of its own",
            "  panllama gguf split m.gguf parts/m --max-tensors 64 --no-tensor-first-split",
            "        the first part has metadata alone"
        })
final class GgufSplitCommand extends Subcommand {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([KMG]?)");

    @Parameters(index = "0", paramLabel = "FILE", description = "A GGUF file that is a whole model.")
    @SuppressWarnings("NullAway.Init") // required
    private Path file;

    @Parameters(index = "1", paramLabel = "OUT", description = "What the names of the parts have in common.")
    @SuppressWarnings("NullAway.Init") // required
    private Path target;

    @Option(
            names = "--max-size",
            paramLabel = "N[K|M|G]",
            description = "The most bytes of tensors in a part; K, M and G are powers of 1000.")
    private @Nullable String maxSize;

    @Option(
            names = "--max-tensors",
            paramLabel = "N",
            description = "The most tensors in a part (default: 128, unless --max-size is given).")
    private @Nullable Integer maxTensors;

    @Option(names = "--no-tensor-first-split", description = "Metadata alone in the first part.")
    private boolean emptyFirst;

    @Option(names = "--force", description = "Replace parts that are there.")
    private boolean force;

    GgufSplitCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        GgufSplit.Limits limits = UsageException.checking(this::limits);
        GgufFile gguf = GgufFiles.read(file);
        return GgufFiles.write(file, () -> {
            try {
                if (!force) {
                    Existing.refuse(GgufSplit.parts(gguf, target, limits));
                }
                GgufSplit.split(gguf, target, limits).forEach(part -> out().println(part.toString()));
            } catch (IllegalArgumentException e) {
                throw new UsageException(e.getMessage());
            }
        });
    }

    private GgufSplit.Limits limits() {
        int tensors = maxTensors != null ? maxTensors : maxSize != null ? Integer.MAX_VALUE : 128;
        return new GgufSplit.Limits(tensors, maxSize == null ? Long.MAX_VALUE : bytes(maxSize), emptyFirst);
    }

    private static long bytes(String text) {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw new UsageException("--max-size is %s, must be a number with K, M or G behind it".formatted(text));
        }
        long unit = switch (size.group(2)) {
            case "K" -> 1_000;
            case "M" -> 1_000_000;
            case "G" -> 1_000_000_000;
            default -> 1;
        };
        return Long.parseLong(size.group(1)) * unit;
    }
}
