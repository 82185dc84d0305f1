package io.github.panllama.engine;

import io.github.panllama.ContextOptions;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Gives each job that speculates its draft, and keeps the contexts of draft models, which jobs share.
 *
 * <p><b>Threads.</b> Any.
 */
final class DraftSources implements AutoCloseable {
    private record Key(LlamaModel model, float leastProbability) {}

    private final LlamaContext target;
    private final EngineOptions options;
    private final EngineTuning tuning;
    private final int mostRemovable;
    private final Map<Key, DraftModel> models = new ConcurrentHashMap<>();
    private final @Nullable PredictionDrafts prediction;
    private boolean closed;

    DraftSources(LlamaContext target, EngineOptions options, EngineTuning tuning) {
        this.target = target;
        this.tuning = tuning;
        this.options = options;
        mostRemovable = target.memory().mostRemovable();
        prediction = options.predictedTokens == 0
                ? null
                : new PredictionDrafts(
                        target,
                        target.newPredictionContext(settings(target.memory().isUnified())),
                        options.predictedTokens);
    }

    /** A job's draft; {@link Draft#jobEnded} ends it. */
    Draft draft(Speculation speculation) {
        if (mostRemovable == 0) {
            throw new UnsupportedOperationException(
                    "%s cannot speculate: its memory cannot lose its last tokens; see recurrentSnapshots() of ContextOptions"
                            .formatted(target.model()));
        }
        int most = Math.min(speculation.mostTokens, mostRemovable);
        return switch (speculation.kind) {
            case NGRAM -> new Draft(new LookupDrafts(speculation.match, speculation.mostTokens), most);
            case DRAFT_MODEL -> {
                LlamaModel model = Objects.requireNonNull(speculation.draftModel);
                yield new Draft(model(model, speculation.leastProbability), most);
            }
            case MULTI_TOKEN -> {
                if (prediction == null) {
                    throw new UnsupportedOperationException(
                            "The engine was started without multiTokenPrediction() in its options");
                }
                yield new Draft(prediction, Math.min(most, options.predictedTokens));
            }
        };
    }

    /** What follows each batch of the engine, if anything does. */
    @Nullable
    PredictionDrafts prediction() {
        return prediction;
    }

    private synchronized DraftModel model(LlamaModel model, float leastProbability) {
        if (closed) {
            throw new EngineClosedException(null);
        }
        Key key = new Key(model, leastProbability);
        DraftModel known = models.get(key);
        if (known == null) {
            known = new DraftModel(target, model.newContext(settings(true)), leastProbability);
            models.put(key, known);
        }
        return known;
    }

    private ContextOptions settings(boolean unified) {
        return EngineContext.settings(options, tuning)
                .unifiedKvCache(unified)
                .contextSize(target.contextSize())
                .batchSize(target.batchSize())
                .maxSequences(target.maxSequences())
                .build();
    }

    /** Breaks off what is being drafted. */
    synchronized void abort() {
        if (!closed) {
            models.values().forEach(DraftModel::abort);
            if (prediction != null) {
                prediction.abort();
            }
        }
    }

    /** A number that changes as long as the CPU drafts; does not wait for a context that is being made. */
    int operations() {
        int count = prediction == null ? 0 : prediction.operations();
        for (DraftModel model : models.values()) {
            count += model.operations();
        }
        return count;
    }

    /** Frees the contexts. Not while somebody drafts. */
    @Override
    public synchronized void close() {
        closed = true;
        if (prediction != null) {
            prediction.close();
        }
        models.values().forEach(DraftModel::close);
        models.clear();
    }
}
