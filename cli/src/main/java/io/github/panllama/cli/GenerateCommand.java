package io.github.panllama.cli;

import io.github.panllama.ContextOptions;
import io.github.panllama.DecodeException;
import io.github.panllama.GenerationRequest;
import io.github.panllama.GenerationResult;
import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.TextGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Text that goes on after a prompt. */
@Command(
        name = "generate",
        header = "Write text that goes on after a prompt.",
        description = {
            "Streams the text to standard output, as UTF-8, with a line break after it.",
            "The prompt goes to the model as it is, without a chat template. A special token that is written out in"
                    + " it, such as <|im_end|>, counts as that token."
        },
        footer = {
            "Examples:",
            "  panllama generate \"Once upon a time\"",
            "        without --model: the bundled model, which was taught to answer rather than to tell stories",
            "  panllama generate --model m.gguf --temperature 0 --max-tokens 40 \"The capital of France is\"",
            "        always the likeliest token: the same text every time",
            "  panllama generate --model m.gguf < prompt.txt",
            "        the prompt from standard input; its last line break is left out",
            "  panllama generate --model m.gguf --json \"Hello\" | jq .timings",
            "  panllama generate --model m.gguf --prompt-ids \"1 15043\" --ids",
            "        token ids in, token ids out",
            "  panllama generate --model m.gguf -- \"--verbose is an option that\"",
            "        after -- nothing is an option",
            "",
            "--json prints {\"text\", \"ids\", \"finish_reason\": \"stop\" or \"length\",",
            "  \"counts\": {\"prompt_tokens\", \"generated_tokens\"},",
            "  \"timings\": {\"load_ms\", \"time_to_first_token_ms\", \"duration_ms\", \"tokens_per_second\"},",
            "  \"model\", \"synthetic\"}."
        })
final class GenerateCommand extends Subcommand {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "A GGUF file; of a model in several files, the first (default: the bundled model).")
    private @Nullable Path model;

    @Parameters(paramLabel = "PROMPT", arity = "0..1", description = "What to go on from (default: standard input).")
    private @Nullable String prompt;

    @Option(
            names = "--prompt-ids",
            paramLabel = "IDS",
            description = "The prompt as token ids, such as \"1 2 3\", taken as they are.")
    private @Nullable String promptIds;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            defaultValue = "256",
            description = "The most tokens to generate (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Mixin
    private final SamplingFlags sampling = new SamplingFlags();

    @Mixin
    private final ComputeFlags compute = new ComputeFlags();

    @Option(names = "--ids", description = "Print token ids with spaces between them instead of text.")
    private boolean ids;

    @Option(names = "--json", description = "Print one JSON object, at the end.")
    private boolean json;

    GenerateCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        if (prompt != null && promptIds != null) {
            throw new UsageException("PROMPT and --prompt-ids are given; there can be one prompt");
        }
        if (ids && json) {
            throw new UsageException("--ids and --json are given; the object of --json has the ids");
        }
        // What is wrong with the options shall be known before a large model is loaded.
        SamplingOptions samplingOptions = sampling.options();
        ContextOptions contextOptions = compute.contextOptions();
        if (prompt == null && promptIds == null) {
            prompt = readPrompt();
        }
        DefaultModel file = DefaultModel.of(model, terminal());
        try (Interruption interruption = Interruption.watch()) {
            try {
                generate(file, samplingOptions, contextOptions, interruption);
            } catch (DecodeException | CancellationException e) {
                if (!interruption.isRequested()) {
                    throw e;
                }
            }
        }
        return ExitCode.SUCCESS;
    }

    private void generate(
            DefaultModel used, SamplingOptions sampled, ContextOptions options, Interruption interruption) {
        long start = System.nanoTime();
        try (LlamaModel loaded = Models.load(used.file(), compute.modelOptions(), terminal(), interruption)) {
            GenerationRequest request = request(loaded, sampled);
            sampling.check(loaded, sampled);
            try (TextGenerator generator = UsageException.checking(() -> TextGenerator.of(loaded, options))) {
                Duration loading = Duration.ofNanos(System.nanoTime() - start);
                GenerationResult result = interruption.during(
                        generator::cancel, () -> UsageException.checking(() -> generator.generate(request)));
                out().println(
                                json
                                        ? Json.write(
                                                GenerationReport.of(result, loading, used.file(), used.isSynthetic()))
                                        : "");
                out().flush();
            }
        }
    }

    private String readPrompt() throws IOException {
        if (terminal().interactive()) {
            terminal().err().println("The prompt comes from standard input; Ctrl-D ends it.");
        }
        String text = terminal().readText();
        return text.endsWith("\r\n")
                ? text.substring(0, text.length() - 2)
                : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    private GenerationRequest request(LlamaModel loaded, SamplingOptions options) {
        return UsageException.checking(() -> {
            GenerationRequest.Builder builder = promptIds == null
                    ? GenerationRequest.builder(String.valueOf(prompt))
                    : GenerationRequest.builder(TokenIds.parse(promptIds, loaded.vocabularySize()));
            builder.maxTokens(maxTokens).sampling(options);
            if (ids) {
                builder.onToken(new IdPrinter()::print);
            } else if (!json) {
                builder.onText(piece -> out().print(piece).flush());
            }
            return builder.build();
        });
    }

    /** Prints ids as they come. */
    private final class IdPrinter {
        private String before = "";

        void print(int id) {
            out().print(before + id).flush();
            before = " ";
        }
    }
}
