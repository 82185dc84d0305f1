package io.github.panllama.cli;

import picocli.CommandLine.Command;

/** What is done to GGUF files; its subcommands do it. */
@Command(
        name = "gguf",
        header = "Change GGUF files: metadata, split, merge.",
        description = "Java does it; no native code sees the files. A file that is written appears when it is whole.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "Examples:",
            "  panllama gguf set m.gguf general.name \"My model\"",
            "  panllama gguf remove m.gguf general.description",
            "  panllama gguf copy-template m.gguf other.gguf",
            "  panllama gguf split m.gguf m --max-size 2G",
            "  panllama gguf merge m-00001-of-00003.gguf m.gguf",
            "",
            "`panllama gguf COMMAND --help` explains a command; `panllama inspect` shows a file."
        })
final class GgufCommand extends Subcommand {
    GgufCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() {
        throw new UsageException("a command is needed: set, remove, copy-template, split or merge");
    }
}
