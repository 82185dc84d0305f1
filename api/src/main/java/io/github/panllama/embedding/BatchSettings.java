package io.github.panllama.embedding;

import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaModel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How many tokens are computed together, as the options of embedders and rerankers alike have it.
 *
 * @param maxTokens tokens of the longest text; {@code null} for the default
 * @param batchSize tokens that texts are packed into
 * @param maxSequences the most texts of a batch; {@code null} for as many as the library allows
 * @param context what else the context shall have
 */
record BatchSettings(
        @Nullable Integer maxTokens,
        int batchSize,
        @Nullable Integer maxSequences,
        Consumer<ContextOptions.Builder> context) {
    static final int DEFAULT_BATCH_SIZE = 512;
    static final int DEFAULT_MAX_TOKENS = 2048;

    static final BatchSettings DEFAULT = new BatchSettings(null, DEFAULT_BATCH_SIZE, null, builder -> {});

    BatchSettings withMaxTokens(int tokens) {
        return new BatchSettings(
                check("maxTokens", tokens, ContextOptions.MAX_BATCH_SIZE), batchSize, maxSequences, context);
    }

    BatchSettings withBatchSize(int tokens) {
        return new BatchSettings(
                maxTokens, check("batchSize", tokens, ContextOptions.MAX_BATCH_SIZE), maxSequences, context);
    }

    BatchSettings withMaxSequences(int sequences) {
        return new BatchSettings(
                maxTokens, batchSize, check("maxSequences", sequences, ContextOptions.MAX_BATCH_SIZE), context);
    }

    /** With more settings of the context, which come after those that there are. */
    BatchSettings withContext(Consumer<ContextOptions.Builder> settings) {
        return new BatchSettings(maxTokens, batchSize, maxSequences, context.andThen(settings));
    }

    /** Tokens of the longest text: no more than the model was trained for, whose table of positions may end there. */
    int maxTokens(LlamaModel model) {
        int trained = model.trainingContextSize();
        if (trained < 1) {
            return DEFAULT_MAX_TOKENS; // the vocabulary alone, of which no context can be made
        }
        return maxTokens == null ? Math.min(trained, DEFAULT_MAX_TOKENS) : check("maxTokens", maxTokens, trained);
    }

    private static int check(String what, int value, int max) {
        if (value < 1 || value > max) {
            throw new IllegalArgumentException("%s is %d, must be in [1, %d]".formatted(what, value, max));
        }
        return value;
    }
}
