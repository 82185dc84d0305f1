package io.github.panllama.cli;

import io.github.panllama.LlamaModel;
import io.github.panllama.SamplingOptions;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatOptions;
import io.github.panllama.chat.ChatResult;
import io.github.panllama.chat.Reasoning;
import io.github.panllama.engine.LlamaEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
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
            "  panllama chat --tools demo --message \"What is 23 * 47?\"",
            "  panllama chat --message \"What is 47 + 85?\" --json | jq -r .reasoning",
            "",
            "--json prints for each answer {\"reasoning\", \"content\", \"tool_calls\", \"finish_reason\": \"stop\","
                    + " \"length\",",
            "  \"stopped\" or \"tool_calls\",",
            "  \"counts\": {\"prompt_tokens\", \"reused_tokens\", \"generated_tokens\"},",
            "  \"timings\": {\"load_ms\", \"time_to_first_token_ms\", \"duration_ms\", \"tokens_per_second\"},",
            "  \"model\", \"synthetic\"}, on one line."
        })
final class ChatCommand extends Subcommand {
    private static final int MOST_TOOL_ROUNDS = 8;
    private static final Duration MOST_TOOL_TIME = Duration.ofMinutes(10);

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
            names = "--reasoning",
            paramLabel = "on|off|N",
            defaultValue = "on",
            converter = ReasoningFlag.class,
            description = "Whether the model reasons before it answers, or the most tokens that it may (default: on).")
    private Reasoning reasoning = Reasoning.on();

    @Option(
            names = "--show-reasoning",
            description = "Write what the model thinks to standard error also where that is no terminal.")
    private boolean showReasoning;

    @Option(names = "--tools", paramLabel = "demo", description = "Let the model call tools: demo has a calculator.")
    private @Nullable Tools tools;

    @Option(
            names = "--json-schema-file",
            paramLabel = "FILE",
            description = "Have each answer be JSON of the schema in this file.")
    private @Nullable Path jsonSchemaFile;

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

    /** The sets of tools that there are. */
    private enum Tools {
        DEMO
    }

    ChatCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        // What is wrong with the options shall be known before a large model is loaded.
        ChatOptions.Builder options = options();
        SamplingOptions given = sampling.options();
        compute.contextOptions();
        DefaultModel file = DefaultModel.of(model, terminal());
        // The bundled model is too small for chance: it is right or it is not.
        SamplingOptions sampled = file.kind() == DefaultModel.Kind.BUNDLED && !sampling.choosesTokens()
                ? SamplingOptions.greedy()
                : given;
        long start = System.nanoTime();
        try (LlamaModel loaded = load(file)) {
            sampling.check(loaded, sampled);
            if (loaded.hasEncoder() || !loaded.hasDecoder()) {
                throw new FailureException("chat needs a model that only decodes; this one is " + loaded.description());
            }
            List<ChatMessage> first = system == null ? List.of() : List.of(ChatMessage.system(system));
            try (LlamaEngine engine = LlamaEngine.start(loaded, compute.engineOptions(loaded));
                    Conversation conversation =
                            new Conversation(engine, options.sampling(sampled).build(), first)) {
                Duration loading = Duration.ofNanos(System.nanoTime() - start);
                converse(conversation, question -> answer(conversation, question, loading, file));
            }
        } catch (CancellationException e) {
            // Ctrl-C while it loads.
        }
        return ExitCode.SUCCESS;
    }

    private void converse(Conversation conversation, Consumer<String> answer) throws IOException {
        if (message != null) {
            answer.accept(message);
        } else {
            new ChatLoop(
                            terminal(),
                            conversation,
                            answer,
                            failure -> new Failures(terminal()).tell(failure, isVerbose()))
                    .run();
        }
    }

    private ChatOptions.Builder options() throws IOException {
        ChatOptions.Builder options = UsageException.checking(
                () -> ChatOptions.builder().reasoning(reasoning).maxTokens(maxTokens));
        if (tools != null) {
            options.tools(DemoTools.all()).runTools(MOST_TOOL_ROUNDS, MOST_TOOL_TIME);
        }
        return jsonSchemaFile == null ? options : ChatFiles.read(jsonSchemaFile, options::responseSchema);
    }

    private LlamaModel load(DefaultModel file) {
        try (Interruption interruption = Interruption.watch()) {
            return Models.load(file.file(), compute.modelOptions(), terminal(), interruption);
        }
    }

    private void answer(Conversation conversation, String question, Duration loading, DefaultModel file) {
        // Printing ends first: a JVM that is shutting down waits for the interruption to be over.
        try (Interruption interruption = Interruption.watch();
                ReplyPrinter printer = new ReplyPrinter(terminal(), showReasoning)) {
            ChatResult result = interruption.during(
                    conversation::stop, () -> conversation.ask(question, json ? event -> {} : printer));
            if (json) {
                out().println(Json.write(Turn.toJson(result, loading, file))).flush();
            } else {
                printer.end();
            }
        }
    }
}
