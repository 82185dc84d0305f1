package io.github.panllama.cli;

import io.github.panllama.LlamaModel;
import io.github.panllama.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Token ids to text. */
@Command(
        name = "detokenize",
        header = "Turn token ids into text: the reverse of tokenize.",
        description = {
            "Reads lines of token ids from standard input and prints the bytes of each, special tokens written out.",
            "A single line becomes its text and nothing else: no line break is added, so that it is what tokenize had"
                    + " read. Of several lines, each text but the last is followed by a line break; with --separator"
                    + " by a line break, the separator, and another one, as tokenize reads them. An empty line is an"
                    + " empty text."
        },
        footer = {
            "Examples:",
            "  echo 15043 | panllama detokenize --model m.gguf",
            "        Hello",
            "  printf '1 2\\n3\\n' | panllama detokenize --model m.gguf --separator ---",
            "        two texts with a line --- between them"
        })
final class DetokenizeCommand extends Subcommand {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "A GGUF file with the vocabulary (default: the bundled model).")
    private @Nullable Path model;

    @Option(names = "--separator", paramLabel = "LINE", description = "A line to print between the texts.")
    private @Nullable String separator;

    DetokenizeCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        List<String> lines = terminal().readText().lines().toList();
        try (LlamaModel vocabulary =
                Models.loadVocabulary(DefaultModel.of(model, terminal()).file())) {
            Tokenizer tokenizer = vocabulary.tokenizer();
            String between = separator == null ? "\n" : "\n" + separator + "\n";
            for (int i = 0; i < lines.size(); i++) {
                if (i > 0) {
                    out().print(between);
                }
                out().write(tokenizer.decodeBytes(ids(lines.get(i), i + 1, tokenizer.size()), true));
            }
        }
        return ExitCode.SUCCESS;
    }

    private static int[] ids(String line, int number, int size) {
        try {
            return TokenIds.parse(line, size);
        } catch (IllegalArgumentException e) {
            throw new FailureException("Line %d of standard input: %s".formatted(number, e.getMessage()), e);
        }
    }
}
