package io.github.panllama.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What was loaded from where, and what was not, and why. */
@Command(
        name = "doctor",
        header = "Say what was loaded, from where, and why something is missing.",
        description =
                "Versions, native libraries, the variant of the CPU backend, every device with its memory, and what"
                        + " was expected and is not used. The exit code is 1 if llama.cpp cannot be loaded.",
        footer = {
            "Examples:",
            "  panllama doctor",
            "  panllama doctor --json | jq .unavailable",
            "",
            "Libraries are taken from the first of these that is there: the system property panllama.library.path, the"
                    + " environment variable PANLLAMA_LIBRARY_PATH, the native jar, unpacked into the user's cache"
                    + " folder."
        })
final class DoctorCommand extends Subcommand {
    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    DoctorCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() {
        DoctorReport report = DoctorReport.make();
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
        return ExitCode.SUCCESS;
    }
}
