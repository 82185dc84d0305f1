package io.github.panllama.cli;

import io.github.panllama.LlamaException;
import io.github.panllama.gguf.DiskSpaceException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns exceptions into one line on standard error and an exit code. */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
    private final PrintWriter err;

    Failures(Terminal terminal) {
        this.err = terminal.err();
    }

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        usage(command, String.valueOf(e.getMessage()));
        UnmatchedArgumentException.printSuggestions(e, err);
        err.flush();
        return ExitCode.USAGE;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult result) {
        return report(e, command);
    }

    /**
     * Tells the user.
     *
     * @param command the command that failed, if it is known
     */
    int report(Throwable e, @Nullable CommandLine command) {
        boolean verbose =
                command != null && command.getCommand() instanceof Subcommand subcommand && subcommand.isVerbose();
        if (e instanceof OutputClosedException) {
            return ExitCode.SUCCESS;
        }
        if (e instanceof UsageException && command != null) {
            usage(command, String.valueOf(e.getMessage()));
        } else {
            line(e, verbose);
        }
        trace(e, verbose);
        return e instanceof UsageException ? ExitCode.USAGE : ExitCode.FAILURE;
    }

    /** Tells the user of something that failed in a command that goes on. */
    void tell(Throwable e, boolean verbose) {
        line(e, verbose);
        trace(e, verbose);
    }

    private void trace(Throwable e, boolean verbose) {
        if (verbose) {
            e.printStackTrace(err);
        }
        err.flush();
    }

    private void usage(CommandLine command, String message) {
        String name = command.getCommandSpec().qualifiedName();
        err.println(name + ": " + message);
        err.println("Try '" + name + " --help'.");
    }

    private void line(Throwable e, boolean verbose) {
        String[] lines = describe(e).strip().split("\\R", 2);
        boolean more = !verbose && lines.length > 1;
        err.println("panllama: " + lines[0] + (more ? " (--verbose shows more)" : ""));
    }

    private static String describe(Throwable e) {
        return switch (e) {
            case LlamaException llama -> String.valueOf(llama.getMessage());
            case FailureException failure -> String.valueOf(failure.getMessage());
            case UncheckedIOException io when io.getCause() != null -> describe(io.getCause());
            case NoSuchFileException missing -> missing.getFile() + ": there is no such file";
            case FileNotFoundException missing -> String.valueOf(missing.getMessage());
            case AccessDeniedException denied -> denied.getFile() + ": permission denied";
            case DiskSpaceException full -> String.valueOf(full.getMessage());
            case IOException io -> io.toString();
            case CancellationException _ -> "cancelled";
            case OutOfMemoryError _ -> "out of memory: " + e.getMessage();
            // A fault of ours; the stack trace is what a report of it needs.
            default -> "internal error, please report it with the output of --verbose: " + e;
        };
    }
}
