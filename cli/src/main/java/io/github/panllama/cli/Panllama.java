package io.github.panllama.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command itself: knows its subcommands, and explains itself when called without one. */
@Command(
        name = "panllama",
        description = "llama.cpp for the JVM, on the command line.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  panllama chat                                         a conversation with the bundled model",
            "  panllama chat --message \"What is 47 + 85?\"           one question",
            "  panllama generate --model m.gguf \"Once upon a time\"   text from your model",
            "  panllama embed --model m.gguf < texts.txt             texts as vectors",
            "  panllama evaluate --model m.gguf --text-file t.txt    how well a model predicts a text",
            "  panllama bench --model m.gguf                         how fast it is served, to 1 and to many",
            "  panllama inspect m.gguf                               what is in a model file",
            "  panllama plan --model m.gguf --context 32768          what it will take of memory",
            "  panllama quantize m.gguf small.gguf Q4_K_M            a smaller model",
            "  panllama synthesize --preset deepseek-v2-lite m.gguf  random weights in the shape of a known model",
            "  panllama doctor                                       what was loaded, and what was not, and why",
            "",
            "`panllama COMMAND --help` explains a command.",
            "Exit codes: 0 success, 1 failure (--verbose shows the stack trace), 2 wrong usage."
        })
final class Panllama implements Callable<Integer> {
    private static final int HELP_WIDTH = 110;

    private final Terminal terminal;

    private Panllama(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Runs a command line to its end and answers the exit code. */
    static int run(Terminal terminal, String... args) {
        try {
            int code = commandLine(terminal).execute(args);
            terminal.out().flush();
            return code;
        } catch (OutputClosedException e) {
            return ExitCode.SUCCESS;
        } catch (RuntimeException | Error e) {
            return new Failures(terminal).report(e, null);
        }
    }

    /** The command with all its subcommands. */
    static CommandLine commandLine(Terminal terminal) {
        Failures failures = new Failures(terminal);
        CommandLine commandLine = new CommandLine(new Panllama(terminal))
                .addSubcommand(new GenerateCommand(terminal))
                .addSubcommand(new ChatCommand(terminal))
                .addSubcommand(new TemplateCommand(terminal))
                .addSubcommand(new EmbedCommand(terminal))
                .addSubcommand(new RerankCommand(terminal))
                .addSubcommand(new TokenizeCommand(terminal))
                .addSubcommand(new DetokenizeCommand(terminal))
                .addSubcommand(new InspectCommand(terminal))
                .addSubcommand(new PlanCommand(terminal))
                .addSubcommand(new QuantizeCommand(terminal))
                .addSubcommand(new SynthesizeCommand(terminal))
                .addSubcommand(gguf(terminal))
                .addSubcommand(new EvaluateCommand(terminal))
                .addSubcommand(new BenchCommand(terminal))
                .addSubcommand(new DoctorCommand(terminal));
        return commandLine
                .setOut(terminal.out().writer())
                .setErr(terminal.err())
                .setUsageHelpWidth(HELP_WIDTH)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures);
    }

    private static CommandLine gguf(Terminal terminal) {
        return new CommandLine(new GgufCommand(terminal))
                .addSubcommand(new GgufSetCommand(terminal))
                .addSubcommand(new GgufRemoveCommand(terminal))
                .addSubcommand(new GgufCopyTemplateCommand(terminal))
                .addSubcommand(new GgufSplitCommand(terminal))
                .addSubcommand(new GgufMergeCommand(terminal));
    }

    @Override
    public Integer call() {
        commandLine(terminal).usage(terminal.err());
        return ExitCode.USAGE;
    }
}
