package io.github.panllama.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a command's texts come from: its arguments, a file, or standard input. */
final class TextInput {
    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "A file of texts in UTF-8, one on each line (default: standard input).")
    private @Nullable Path file;

    @Option(
            names = "--separator",
            paramLabel = "LINE",
            description =
                    "A line that divides the file or standard input into texts, which then may have several lines.")
    private @Nullable String separator;

    /**
     * Reads the texts.
     *
     * @param arguments those on the command line, which take the place of a file
     * @param what they are called
     */
    List<String> read(List<String> arguments, String what, Terminal terminal) throws IOException {
        if (!arguments.isEmpty()) {
            if (file != null) {
                throw new UsageException("%s and --file are given; texts come from one of them".formatted(what));
            }
            return arguments;
        }
        String stream = file == null ? standardInput(terminal) : Utf8.decode(Files.readAllBytes(file), file.toString());
        if (stream.isEmpty()) {
            throw new FailureException("There are no texts in " + (file == null ? "standard input" : file));
        }
        String body = withoutLastBreak(stream);
        return separator == null ? List.of(body.split("\\r?\\n", -1)) : TextList.split(body, separator);
    }

    private static String standardInput(Terminal terminal) throws IOException {
        if (terminal.interactive()) {
            terminal.err().println("The texts come from standard input, one on each line; Ctrl-D ends them.");
        }
        return terminal.readText();
    }

    private static String withoutLastBreak(String text) {
        int end = text.length();
        if (text.endsWith("\n")) {
            end -= text.endsWith("\r\n") ? 2 : 1;
        }
        return text.substring(0, end);
    }
}
