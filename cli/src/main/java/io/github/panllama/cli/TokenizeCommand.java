package io.github.panllama.cli;

import io.github.panllama.LlamaModel;
import io.github.panllama.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Text to token ids. */
@Command(
        name = "tokenize",
        header = "Turn text into token ids.",
        description = {
            "Reads UTF-8 from standard input and prints a line of token ids for each text.",
            "Without --separator all of standard input is one text, its last line break included."
        },
        footer = {
            "Examples:",
            "  printf 'Hello' | panllama tokenize --model m.gguf",
            "        15043",
            "  printf 'one\\n---\\ntwo' | panllama tokenize --model m.gguf --separator ---",
            "        two lines, of the texts \"one\" and \"two\": line breaks beside a separator are no part of them",
            "  panllama tokenize --model m.gguf < f | panllama detokenize --model m.gguf | cmp - f",
            "        and back again, byte for byte"
        })
final class TokenizeCommand extends Subcommand {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "A GGUF file with the vocabulary (default: the bundled model).")
    private @Nullable Path model;

    @Option(
            names = "--separator",
            paramLabel = "LINE",
            description = "A line that divides standard input into several texts.")
    private @Nullable String separator;

    @Option(
            names = "--add-special",
            description = "Add the tokens that the model wants at the start and the end of a text.")
    private boolean addSpecial;

    @Option(
            names = "--no-parse-special",
            description = "Take a special token that is written out, such as <|im_end|>, as plain text.")
    private boolean noParseSpecial;

    TokenizeCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        List<String> texts = TextList.split(terminal().readText(), separator);
        try (LlamaModel vocabulary =
                Models.loadVocabulary(DefaultModel.of(model, terminal()).file())) {
            Tokenizer tokenizer = vocabulary.tokenizer();
            for (String text : texts) {
                out().println(TokenIds.format(tokenizer.encode(text, addSpecial, !noParseSpecial)));
            }
        }
        return ExitCode.SUCCESS;
    }
}
