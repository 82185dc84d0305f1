package io.github.panllama.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What every subcommand has: the streams, {@code --help}, {@code --verbose}. */
@Command(
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        descriptionHeading = "%n",
        parameterListHeading = "%n",
        optionListHeading = "%nOptions:%n",
        footerHeading = "%n",
        abbreviateSynopsis = true)
abstract class Subcommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(
            names = "--verbose",
            description = "Show the log of llama.cpp, and the stack trace of a failure.",
            order = Integer.MAX_VALUE)
    private boolean verbose;

    Subcommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public final Integer call() throws Exception {
        NativeLogging.configure(verbose, terminal.err());
        return run();
    }

    /** Does the work and answers the exit code. */
    abstract int run() throws Exception;

    final Terminal terminal() {
        return terminal;
    }

    final Output out() {
        return terminal.out();
    }

    final boolean isVerbose() {
        return verbose;
    }
}
