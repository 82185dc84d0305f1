package io.github.panllama.cli;

import io.github.panllama.LlamaModel;
import io.github.panllama.PoolingType;
import io.github.panllama.embedding.Embedder;
import io.github.panllama.embedding.EmbedderOptions;
import io.github.panllama.embedding.Normalization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Texts to vectors. */
@Command(
        name = "embed",
        header = "Turn texts into vectors.",
        description = {
            "Prints a line of numbers for each text: its embedding. Those of texts that mean the same are near each"
                    + " other, as far as the model was made for that.",
            "The texts are arguments, or the lines of a file or of standard input."
        },
        footer = {
            "Examples:",
            "  panllama embed --model m.gguf \"What is a llama?\"",
            "  panllama embed --model m.gguf --similarity \"a llama\" \"an alpaca\" \"a tax form\"",
            "        how alike they are: a row and a column for each, 1 for the same direction",
            "  panllama embed --model m.gguf --file texts.txt --json > vectors.json",
            "  panllama embed --model m.gguf --truncate end < texts.txt",
            "        of a text that is too long, the beginning",
            "  panllama embed --model m.gguf --pooling none \"Hello\"",
            "        a vector for each token",
            "",
            "--json prints {\"model\", \"pooling\", \"normalization\", \"dimensions\",",
            "  \"embeddings\": [{\"index\", \"tokens\", \"embedding\": [numbers]}], \"similarity\" where asked for};",
            "  with --pooling none \"embeddings\", a list of vectors, in the place of \"embedding\"."
        })
final class EmbedCommand extends Subcommand {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            description =
                    "A GGUF file; of a model in several files, the first (default: the bundled model, which was not"
                            + " made for this).")
    private @Nullable Path model;

    @Parameters(paramLabel = "TEXT", arity = "0..*", description = "The texts (default: lines of standard input).")
    private List<String> texts = List.of();

    @Mixin
    private final TextInput input = new TextInput();

    @Option(
            names = "--pooling",
            paramLabel = "P",
            description =
                    "How the vectors of a text's tokens become one: mean, cls (the first), last; none for a vector"
                            + " of each token (default: as the model says, else mean).")
    private PoolingType pooling = PoolingType.UNSPECIFIED;

    @Option(
            names = "--normalize",
            paramLabel = "N",
            converter = NormalizationConverter.class,
            description = "How the numbers are scaled: none, max (to 16-bit numbers), taxicab, euclidean (to length 1),"
                    + " or a number P for the P-norm (default: euclidean; with --pooling none, none).")
    private @Nullable Normalization normalization;

    @Mixin
    private final PackingFlags packing = new PackingFlags();

    @Option(
            names = "--no-parse-special",
            description = "Take a special token that is written out, such as <|im_end|>, as plain text.")
    private boolean noParseSpecial;

    @Mixin
    private final MachineFlags machine = new MachineFlags();

    @Option(names = "--similarity", description = "Print the cosine similarity of all pairs instead of the vectors.")
    private boolean similarity;

    @Option(names = "--json", description = "Print one JSON object, at the end.")
    private boolean json;

    EmbedCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() throws IOException {
        if (similarity && pooling == PoolingType.NONE) {
            throw new UsageException(
                    "--similarity compares whole texts; with --pooling none there are vectors of tokens");
        }
        EmbedderOptions options = UsageException.checking(this::options);
        List<String> read = input.read(texts, "TEXT", terminal());
        DefaultModel used = DefaultModel.of(model, terminal());
        try (Interruption interruption = Interruption.watch();
                LlamaModel loaded = Models.load(used.file(), machine.modelOptions(), terminal(), interruption);
                Embedder embedder = UsageException.checking(() -> Embedder.of(loaded, options))) {
            print(used.file(), embedder, compute(embedder, read, interruption));
        } catch (CancellationException e) {
            terminal().err().println("cancelled");
        }
        return ExitCode.SUCCESS;
    }

    private EmbedderOptions options() {
        EmbedderOptions.Builder builder = EmbedderOptions.builder()
                .pooling(pooling)
                .truncation(packing.truncation())
                .parseSpecial(!noParseSpecial)
                .context(machine::apply);
        if (normalization != null) {
            builder.normalization(normalization);
        }
        packing.maxTokens().ifPresent(builder::maxTokens);
        packing.batchSize().ifPresent(builder::batchSize);
        return builder.build();
    }

    private EmbeddingReport compute(Embedder embedder, List<String> read, Interruption interruption) {
        try (ProgressBar bar = new ProgressBar(terminal(), read.size() + " texts")) {
            List<Integer> tokens =
                    read.stream().map(text -> embedder.tokenize(text).length).toList();
            boolean each = embedder.pooling() == PoolingType.NONE;
            List<List<float[]>> vectors = each
                    ? embedder.embedEach(read, fraction -> goOn(bar, fraction, interruption))
                    : embedder.embed(read, fraction -> goOn(bar, fraction, interruption)).stream()
                            .map(List::of)
                            .toList();
            return new EmbeddingReport(tokens, vectors, each, similarity);
        } catch (IllegalArgumentException e) {
            throw new FailureException(String.valueOf(e.getMessage()), e);
        }
    }

    private static boolean goOn(ProgressBar bar, float fraction, Interruption interruption) {
        bar.show(fraction);
        return !interruption.isRequested();
    }

    private void print(Path file, Embedder embedder, EmbeddingReport report) {
        if (json) {
            out().println(Json.write(report.json(file, embedder)));
        } else {
            report.print(out());
        }
        out().flush();
    }

    /** A word, or the p of a p-norm. */
    static final class NormalizationConverter implements ITypeConverter<Normalization> {
        @Override
        public Normalization convert(String text) {
            try {
                return switch (text.toLowerCase(Locale.ROOT)) {
                    case "none" -> Normalization.NONE;
                    case "max" -> Normalization.MAX_ABSOLUTE;
                    case "taxicab" -> Normalization.TAXICAB;
                    case "euclidean" -> Normalization.EUCLIDEAN;
                    default -> new Normalization(Integer.parseUnsignedInt(text));
                };
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("'%s' is none of none, max, taxicab, euclidean and 1 to %d"
                        .formatted(text, Normalization.MAX_P));
            }
        }

        /** As it is written on the command line. */
        static String name(Normalization normalization) {
            return switch (normalization.code()) {
                case -1 -> "none";
                case 0 -> "max";
                case 1 -> "taxicab";
                case 2 -> "euclidean";
                default -> Integer.toString(normalization.code());
            };
        }
    }
}
