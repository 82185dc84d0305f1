package io.github.panllama.cli;

import io.github.panllama.gguf.GgufEditor;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gguf.GgufValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Gives a model another chat template. */
@Command(
        name = "copy-template",
        header = "Give a GGUF file the chat template of another, or one from a text file.",
        footer = {
            "Examples:",
            "  panllama gguf copy-template m.gguf official.gguf",
            "  panllama gguf copy-template m.gguf template.jinja --output fixed.gguf"
        })
final class GgufCopyTemplateCommand extends Subcommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "The GGUF file to change.")
    @SuppressWarnings("NullAway.Init") // required
    private Path file;

    @Parameters(
            index = "1",
            paramLabel = "FROM",
            description = "A GGUF file, or a file with the template as UTF-8, whatever its name.")
    @SuppressWarnings("NullAway.Init") // required
    private Path from;

    @Mixin
    private final EditTarget target = new EditTarget();

    GgufCopyTemplateCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        GgufEditor editor = GgufEditor.of(GgufFiles.read(file));
        if (String.valueOf(from.getFileName()).endsWith(".gguf")) {
            GgufFile other = GgufFiles.read(from);
            try {
                editor.copyTemplate(other);
            } catch (NoSuchElementException e) {
                throw new FailureException(String.valueOf(e.getMessage()), e);
            }
        } else {
            String template = Utf8.decode(Files.readAllBytes(from), from.toString());
            editor.set(GgufEditor.CHAT_TEMPLATE, GgufValue.text(template));
        }
        return target.write(editor, file);
    }
}
