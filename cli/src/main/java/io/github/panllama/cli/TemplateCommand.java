package io.github.panllama.cli;

import io.github.panllama.LlamaModel;
import io.github.panllama.chat.ChatMessage;
import io.github.panllama.chat.ChatPrompt;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.chat.ChatTemplateOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A conversation as a model would read it. */
@Command(
        name = "template",
        header = "Show what a chat template makes of a conversation.",
        description = {
            "Prints the prompt as a model gets it, and no more: the first token, where the model adds it by itself, is left"
                    + " out.",
            "Messages and tools are JSON as OpenAI's chat API and llama-server take them."
        },
        footer = {
            "Examples:",
            "  panllama template --messages conversation.json",
            "  panllama template --model m.gguf --messages conversation.json --tools tools.json",
            "  panllama template --model m.gguf --template-file t.jinja --messages conversation.json --json | jq .tokens",
            "",
            "conversation.json: [{\"role\": \"user\", \"content\": \"What is 47 + 85?\"}]",
            "tools.json: [{\"type\": \"function\", \"function\": {\"name\", \"description\", \"parameters\": JSON schema}}]",
            "--json prints {\"prompt\", \"tokens\", \"format\", \"stops\", \"grammar\"} on one line."
        })
final class TemplateCommand extends Subcommand {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "A GGUF file, for its template and its special tokens (default: the bundled model).")
    private @Nullable Path model;

    @Option(
            names = "--template-file",
            paramLabel = "FILE",
            description = "A template in Jinja, instead of the model's own.")
    private @Nullable Path templateFile;

    @Option(names = "--messages", paramLabel = "FILE", required = true, description = "The conversation.")
    private Path messages = Path.of("");

    @Option(names = "--tools", paramLabel = "FILE", description = "Tools that the model may call.")
    private @Nullable Path tools;

    @Option(
            names = "--no-generation-prompt",
            description = "End with the conversation, not with the beginning of a reply.")
    private boolean noGenerationPrompt;

    @Option(
            names = "--reasoning",
            paramLabel = "on|off",
            defaultValue = "on",
            description = "Whether the model shall reason, where its template gives that choice (default: on).")
    private Choice reasoning = Choice.ON;

    @Option(names = "--json", description = "Print one JSON object: the prompt, its tokens, and how replies are read.")
    private boolean json;

    private enum Choice {
        ON,
        OFF
    }

    TemplateCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        List<ChatMessage> conversation = ChatFiles.messages(messages);
        if (conversation.isEmpty()) {
            throw new FailureException(messages + ": there are no messages");
        }
        ChatTemplateOptions.Builder options = ChatTemplateOptions.builder()
                .generationPrompt(!noGenerationPrompt)
                .thinking(reasoning == Choice.ON);
        if (tools != null) {
            options.tools(ChatFiles.tools(tools));
        }
        String text = templateFile == null ? null : ChatFiles.text(templateFile);
        Path file = DefaultModel.of(model, terminal()).file();
        try (LlamaModel vocabulary = Models.loadVocabulary(file)) {
            ChatTemplate template = text == null ? ChatTemplate.of(vocabulary) : ChatTemplate.of(vocabulary, text);
            print(template.render(conversation, options.build()));
        }
        return ExitCode.SUCCESS;
    }

    private void print(ChatPrompt prompt) {
        if (json) {
            out().println(Json.write(TemplateJson.of(prompt))).flush();
        } else {
            out().print(prompt.text()).flush();
        }
    }
}
