package io.github.panllama.cli;

import io.github.panllama.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a GGUF file says. Java reads it; no native code sees it. */
@Command(
        name = "inspect",
        header = "Show the metadata and tensors of a GGUF file.",
        description = "Reads the header alone, in Java: safe for a file of doubtful origin. A malformed file is refused"
                + " with the place of the fault.",
        footer = {
            "Examples:",
            "  panllama inspect m.gguf",
            "        metadata (long texts and lists shortened) and a summary of the tensors",
            "  panllama inspect m.gguf --tensors",
            "        every tensor too",
            "  panllama inspect m.gguf --json | jq -r '.metadata[\"tokenizer.chat_template\"]'",
            "        nothing is shortened in JSON",
            "  panllama inspect m.gguf --check",
            "        whether it can be loaded: each group of rules, and what breaks them; the exit code is 1 then"
        })
final class InspectCommand extends Subcommand {
    @Parameters(paramLabel = "FILE", arity = "0..1", description = "A GGUF file (default: the bundled model).")
    private @Nullable Path given;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(names = "--tensors", description = "List every tensor: name, type, shape, size, offset.")
    private boolean tensors;

    @Option(
            names = "--check",
            description = "Check the file, and the other parts of its model, as a load does; show no metadata.")
    private boolean check;

    InspectCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        Path file = DefaultModel.of(given, terminal()).file();
        if (check) {
            return check(file);
        }
        GgufFile gguf = GgufFiles.read(file);
        if (json) {
            out().println(Json.write(GgufJson.of(gguf, tensors)));
        } else {
            new GgufText(gguf, out()).print(tensors);
        }
        return ExitCode.SUCCESS;
    }

    private int check(Path file) throws IOException {
        HeaderCheck found = HeaderCheck.of(file);
        if (json) {
            out().println(Json.write(found.json()));
        } else {
            found.print(out());
        }
        return found.passed() ? ExitCode.SUCCESS : ExitCode.FAILURE;
    }
}
