package io.github.panllama.cli;

import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatTemplateOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A conversation with a model, in its own chat template. */
@Command(
        name = "chat",
        header = "Talk with a model.",
        description = {
            "With --message asks once and ends. Without it each line of standard input is a question of one conversation;"
                    + " /help lists the commands, Ctrl-C stops an answer.",
            "The answer goes to standard output. What the model thinks before it is shown, dimmed, on a terminal alone."
        },
        footer = {
            "Examples:",
            "  panllama chat",
            "        a conversation with the bundled model",
            "  panllama chat --message \"What is 47 + 85?\"",
            "  panllama chat --model m.gguf --system \"Answer in one word.\" --message \"The capital of France?\"",
            "  panllama chat --message \"What is 47 + 85?\" --json | jq -r .reasoning",
            "",
            "--json prints for each answer {\"reasoning\", \"content\", \"tool_calls\", \"finish_reason\": \"stop\","
                    + " \"length\" or \"stopped\",",
            "  \"counts\": {\"prompt_tokens\", \"reused_tokens\", \"generated_tokens\"},",
            "  \"timings\": {\"load_ms\", \"time_to_first_token_ms\", \"duration_ms\", \"tokens_per_second\"},",
            "  \"model\", \"synthetic\"}, on one line."
        })
final class ChatCommand extends Subcommand {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "A GGUF file; of a model in several files, the first (default: the bundled model).")
    private @Nullable Path model;

    @Option(names = "--system", paramLabel = "TEXT", description = "What the model is told before the conversation.")
    private @Nullable String system;

    @Option(names = "--message", paramLabel = "TEXT", description = "The only question.")
    private @Nullable String message;

    @Option(
            names = "--no-thinking",
            description = "Have the model answer at once, where its template gives that choice.")
    private boolean noThinking;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            defaultValue = "2048",
            description = "The most tokens of an answer, thinking included (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Mixin
    private final SamplingFlags sampling = new SamplingFlags();

    @Mixin
    private final ComputeFlags compute = new ComputeFlags();

    @Option(names = "--json", description = "Print an answer as one JSON object, at its end.")
    private boolean json;

    ChatCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        if (maxTokens < 1) {
            throw new UsageException("--max-tokens is %d, must be positive".formatted(maxTokens));
        }
        // What is wrong with the options shall be known before a large model is loaded.
        SamplingOptions given = sampling.options();
        ContextOptions context = compute.contextOptions();
        DefaultModel file = DefaultModel.of(model, terminal());
        // The bundled model is too small for chance: it is right or it is not.
        SamplingOptions sampled = file.kind() == DefaultModel.Kind.BUNDLED && !sampling.choosesTokens()
                ? SamplingOptions.greedy()
                : given;
        long start = System.nanoTime();
        try (LlamaModel loaded = load(file)) {
            sampling.check(loaded, sampled);
            List<ChatMessage> first = system == null ? List.of() : List.of(ChatMessage.system(system));
            try (Conversation conversation = new Conversation(loaded, context, first)) {
                Duration loading = Duration.ofNanos(System.nanoTime() - start);
                if (message != null) {
                    answer(conversation, message, sampled, loading, file);
                } else {
                    new ChatLoop(
                                    terminal(),
                                    conversation,
                                    question -> answer(conversation, question, sampled, loading, file),
                                    failure -> new Failures(terminal()).tell(failure, isVerbose()))
                            .run();
                }
            }
        } catch (CancellationException e) {
            // Ctrl-C while it loads.
        }
        return ExitCode.SUCCESS;
    }

    private LlamaModel load(DefaultModel file) {
        try (Interruption interruption = Interruption.watch()) {
            return Models.load(file.file(), compute.modelOptions(), terminal(), interruption);
        }
    }

    private void answer(
            Conversation conversation, String question, SamplingOptions sampled, Duration loading, DefaultModel file) {
        ChatTemplateOptions how =
                ChatTemplateOptions.builder().thinking(!noThinking).build();
        // Printing ends first: a JVM that is shutting down waits for the interruption to be over.
        try (Interruption interruption = Interruption.watch();
                ReplyPrinter printer = new ReplyPrinter(terminal())) {
            Turn turn = interruption.during(
                    conversation::stop,
                    () -> conversation.ask(question, how, sampled, maxTokens, json ? delta -> {} : printer));
            if (json) {
                out().println(Json.write(turn.toJson(loading, file))).flush();
            } else {
                printer.end();
            }
        }
    }
}
