package io.github.panllama.cli;

import io.github.panllama.gguf.GgufEditor;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where an edited file goes. */
final class EditTarget {
    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "The file to write (default: the file itself is replaced).")
    private @Nullable Path output;

    @Option(names = "--force", description = "Replace what is there under --output.")
    private boolean force;

    int write(GgufEditor editor, Path file) throws IOException {
        if (output != null && !force) {
            Existing.refuse(output);
        }
        Path target = output == null ? file.toRealPath() : output;
        return GgufFiles.write(file, () -> editor.write(target));
    }
}
