package io.github.panllama.cli;

import io.github.panllama.Device;
import io.github.panllama.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What was loaded from where, and what was not, and why. */
@Command(
        name = "doctor",
        header = "Say what was loaded, from where, and why something is missing.",
        description =
                "Versions, native libraries, the variant of the CPU backend, every device with its memory, and what"
                        + " was expected and is not used; and how an engine computes with a model, which is measured at"
                        + " its first start. A GPU plugin is tried in another process first, so that a driver that"
                        + " crashes is a message. The exit code is 1 if llama.cpp cannot be loaded, or a required GPU not be"
                        + " used.",
        footer = {
            "Examples:",
            "  panllama doctor",
            "  panllama doctor --json | jq .unavailable",
            "  panllama doctor --model model.gguf",
            "  panllama doctor --require-gpu",
            "",
            "Libraries are taken from the first of these that is there: the system property panllama.library.path, the"
                    + " environment variable PANLLAMA_LIBRARY_PATH, the native jar, unpacked into the user's cache"
                    + " folder."
        })
final class DoctorCommand extends Subcommand {
    private static final String PROBE = "panllama.probe";

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "The model for which to tell how an engine computes; the bundled one unless given.")
    private @Nullable Path model;

    @Option(
            names = "--require-gpu",
            description = "Fail unless a GPU can be used: for machines that must not fall back to the CPU in silence.")
    private boolean requireGpu;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    DoctorCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        if (System.getProperty(PROBE) == null) {
            System.setProperty(PROBE, "always"); // what was found yesterday is no news of today's driver
        }
        Path file = model == null && TinyModel.isPresent() ? TinyModel.path() : model;
        DoctorReport report = DoctorReport.make(file);
        if (json) {
            out().println(Json.write(DoctorJson.of(report)));
        } else {
            new DoctorText(out()).print(report);
        }
        if (report.failure() != null) {
            // What was found comes before the reason on a terminal that shows both.
            out().flush();
            throw new FailureException(
                    "llama.cpp cannot be loaded: " + report.failure().getMessage(), report.failure());
        }
        if (requireGpu) {
            out().flush();
            Device.requireGpu();
        }
        return ExitCode.SUCCESS;
    }
}
