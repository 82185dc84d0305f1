package io.github.panllama.cli;

import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufSplit;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts a model together. */
@Command(
        name = "merge",
        header = "Put a model in several files together.",
        footer = {"Examples:", "  panllama gguf merge m-00001-of-00003.gguf m.gguf"})
final class GgufMergeCommand extends Subcommand {
    @Parameters(index = "0", paramLabel = "FIRST", description = "The first part, beside the others.")
    @SuppressWarnings("NullAway.Init") // required
    private Path first;

    @Parameters(index = "1", paramLabel = "OUT", description = "The file to write.")
    @SuppressWarnings("NullAway.Init") // required
    private Path target;

    @Option(names = "--force", description = "Replace OUT if it is there.")
    private boolean force;

    GgufMergeCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        GgufFile gguf = GgufFiles.read(first);
        if (!force) {
            Existing.refuse(target);
        }
        return GgufFiles.write(first, () -> {
            try {
                GgufSplit.merge(gguf, target);
            } catch (IllegalArgumentException e) {
                throw new UsageException(e.getMessage());
            }
        });
    }
}
