package io.github.panllama.cli;

import io.github.panllama.gguf.GgufEditor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Removes metadata. */
@Command(
        name = "remove",
        header = "Remove metadata from a GGUF file.",
        description = "A key that the file does not have is an error, and nothing is changed then.",
        footer = {
            "Examples:",
            "  panllama gguf remove m.gguf general.description general.url",
            "  panllama gguf remove m.gguf tokenizer.chat_template --output base.gguf"
        })
final class GgufRemoveCommand extends Subcommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "A GGUF file.")
    @SuppressWarnings("NullAway.Init") // required
    private Path file;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "KEY", description = "The keys.")
    private List<String> keys = List.of();

    @Mixin
    private final EditTarget target = new EditTarget();

    GgufRemoveCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        GgufEditor editor = GgufEditor.of(GgufFiles.read(file));
        try {
            keys.forEach(editor::remove);
        } catch (NoSuchElementException e) {
            throw new FailureException(String.valueOf(e.getMessage()), e);
        }
        return target.write(editor, file);
    }
}
