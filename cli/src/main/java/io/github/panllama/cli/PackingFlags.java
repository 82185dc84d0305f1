package io.github.panllama.cli;

import io.github.panllama.embedding.Truncation;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how many tokens a text may have, and how many are computed together. */
final class PackingFlags {
    /** What is cut off a text that is too long. */
    enum Cut {
        /** Its end. */
        END(Truncation.KEEP_BEGINNING),
        /** Its beginning. */
        BEGINNING(Truncation.KEEP_END);

        private final Truncation truncation;

        Cut(Truncation truncation) {
            this.truncation = truncation;
        }
    }

    @Option(
            names = "--truncate",
            paramLabel = "END|BEGINNING",
            description = "What to cut off a text that is too long: ${COMPLETION-CANDIDATES} (default: refuse it).")
    private @Nullable Cut truncate;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            description = "Tokens of the longest text (default: as many as the model was trained for, up to 2048).")
    private @Nullable Integer maxTokens;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Tokens that texts are packed into, to be computed together (default: 512).")
    private @Nullable Integer batch;

    Truncation truncation() {
        return truncate == null ? Truncation.REFUSE : truncate.truncation;
    }

    Optional<Integer> maxTokens() {
        return Optional.ofNullable(maxTokens);
    }

    Optional<Integer> batchSize() {
        return Optional.ofNullable(batch);
    }
}
