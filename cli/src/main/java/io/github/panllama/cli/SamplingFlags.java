package io.github.panllama.cli;

import io.github.panllama.LlamaModel;
import io.github.panllama.Sampler;
import io.github.panllama.SamplingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that say how tokens are chosen. */
final class SamplingFlags {
    @Option(
            names = "--temperature",
            paramLabel = "X",
            description = "Divides the scores: 0 always takes the likeliest token (default: 0.8).")
    private @Nullable Float temperature;

    @Option(names = "--top-k", paramLabel = "N", description = "Among the N likeliest; 0 for all (default: 40).")
    private @Nullable Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            description = "Among the likeliest that have the probability X together (default: 0.95).")
    private @Nullable Float topP;

    @Option(
            names = "--min-p",
            paramLabel = "X",
            description = "Among those at least X times as likely as the likeliest (default: 0.05).")
    private @Nullable Float minP;

    @Option(
            names = "--seed",
            paramLabel = "N",
            converter = Seed.class,
            description = "Makes choices reproducible, a number of 32 bits (default: another one each time).")
    private @Nullable Integer seed;

    @Option(
            names = "--grammar-file",
            paramLabel = "FILE",
            description = "Allow only what this grammar in GBNF allows, starting with its rule 'root'.")
    private @Nullable Path grammarFile;

    /** The options; those not given keep the library's default. */
    SamplingOptions options() throws IOException {
        SamplingOptions.Builder builder = SamplingOptions.defaultsBuilder();
        UsageException.checking(() -> {
            if (temperature != null) {
                builder.temperature(temperature);
            }
            if (topK != null) {
                builder.topK(topK);
            }
            if (topP != null) {
                builder.topP(topP);
            }
            if (minP != null) {
                builder.minP(minP);
            }
            return builder;
        });
        if (seed != null) {
            builder.seed(seed);
        }
        if (grammarFile != null) {
            String grammar = Utf8.decode(Files.readAllBytes(grammarFile), grammarFile.toString());
            try {
                builder.grammar(grammar);
            } catch (IllegalArgumentException e) {
                throw badGrammar(e);
            }
        }
        return builder.build();
    }

    /** Whether an option says how to choose among the tokens that may come. */
    boolean choosesTokens() {
        return temperature != null
                || topK != null
                || topP != null
                || minP != null
                || seed != null
                || grammarFile != null;
    }

    /** Lets the native parser read the grammar, whose faults are the file's and not an option's. */
    void check(LlamaModel model, SamplingOptions options) {
        if (grammarFile == null) {
            return;
        }
        try {
            Sampler.of(model, options).close();
        } catch (IllegalArgumentException e) {
            throw badGrammar(e);
        }
    }

    private FailureException badGrammar(IllegalArgumentException e) {
        return new FailureException("%s: %s".formatted(grammarFile, e.getMessage()), e);
    }

    /** The bits of a number from -2^31 to 2^32 - 1: C programs print seeds unsigned, Java programs signed. */
    static final class Seed implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            try {
                long number = Long.parseLong(text);
                if (number >= Integer.MIN_VALUE && number <= 0xFFFF_FFFFL) {
                    return (int) number;
                }
            } catch (NumberFormatException e) {
                // Told below.
            }
            throw new TypeConversionException("'" + text + "' is not a number of 32 bits");
        }
    }
}
