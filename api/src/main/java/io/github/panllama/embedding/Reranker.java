package io.github.panllama.embedding;

import io.github.panllama.Embedding;
import io.github.panllama.LlamaException;
import io.github.panllama.LlamaModel;
import io.github.panllama.PoolingType;
import io.github.panllama.ProgressListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;

/**
 * Scores how well documents answer a query, by a model with a classification head that reads both together. Many pairs
 * are packed into each batch. A pair is written down as {@code llama-server} does it.
 *
 * <p><b>Threads.</b> May be shared by any number of threads, whose batches take turns. {@link #close()} waits for the
 * batch that is being computed; what is left to do then ends with an {@link IllegalStateException}.
 */
public final class Reranker implements AutoCloseable {
    private static final ProgressListener NOBODY = fraction -> true;

    private final SequenceBatches batches;
    private final PairFormat format;
    private final List<String> labels;

    private Reranker(SequenceBatches batches, PairFormat format, List<String> labels) {
        this.batches = batches;
        this.format = format;
        this.labels = labels;
    }

    /**
     * Makes a reranker with the default options.
     *
     * @throws UnsupportedOperationException if the model has no classification head
     * @throws LlamaException if there is not enough memory
     */
    public static Reranker of(LlamaModel model) {
        return of(model, RerankerOptions.defaults());
    }

    /**
     * Makes a reranker, with a context of its own. The model has to stay open for as long as documents are given.
     *
     * @throws UnsupportedOperationException if the model has no classification head
     * @throws IllegalArgumentException if the options ask for more than the model takes
     * @throws LlamaException if there is not enough memory, or the options do not fit the model
     */
    public static Reranker of(LlamaModel model, RerankerOptions options) {
        Objects.requireNonNull(options, "options");
        if (model.classifierOutputs() == 0) {
            throw new UnsupportedOperationException(model + " has no classification head that gives scores");
        }
        SequenceBatches batches = SequenceBatches.of(model, PoolingType.RANK, options.batches);
        try {
            PairFormat format = new PairFormat(model, options.truncation, batches.maxTokens());
            return new Reranker(batches, format, model.classifierLabels());
        } catch (RuntimeException | Error e) {
            batches.close();
            throw e;
        }
    }

    /**
     * The documents, the one that answers the query best first; those with equal scores in the order that they came in.
     *
     * @throws IllegalArgumentException if a pair has too many tokens and may not be cut
     * @throws IllegalStateException if the reranker or its model is closed
     */
    public List<RankedDocument> rank(String query, List<String> documents) {
        return rank(query, documents, NOBODY);
    }

    /**
     * The documents, the one that answers the query best first; those with equal scores in the order that they came in.
     * Nothing is computed if one of them is refused.
     *
     * @param listener told before each batch, and at the end; may cancel
     * @throws IllegalArgumentException if a pair has too many tokens and may not be cut; names the document's index
     * @throws CancellationException if the listener cancels
     */
    public List<RankedDocument> rank(String query, List<String> documents, ProgressListener listener) {
        Objects.requireNonNull(query, "query");
        Objects.requireNonNull(listener, "listener");
        batches.checkOpen("reranker");
        RankedDocument[] ranked = new RankedDocument[documents.size()];
        List<int[]> pairs = SequenceBatches.checkElements("document", documents).stream()
                .map(document -> format.of(query, document))
                .toList();
        batches.run(
                pairs,
                listener,
                (context, index, sequence, firstRow) ->
                        ranked[index] = ranked(context.sequenceEmbedding(sequence), index, documents.get(index)));
        Arrays.sort(ranked, Comparator.comparingDouble(document -> -document.score()));
        return Arrays.asList(ranked);
    }

    private static RankedDocument ranked(Embedding head, int index, String document) {
        List<Float> scores = new ArrayList<>(head.size());
        for (int i = 0; i < head.size(); i++) {
            float score = head.get(i);
            if (!Float.isFinite(score)) {
                throw new LlamaException("The score of document %d is %s".formatted(index, score));
            }
            scores.add(score);
        }
        return new RankedDocument(index, document, scores.getFirst(), scores);
    }

    /** The first score of one document. */
    public float score(String query, String document) {
        return rank(query, List.of(document)).getFirst().score();
    }

    /** The tokens that are computed for a pair. */
    public int[] tokenize(String query, String document) {
        batches.checkOpen("reranker");
        return format.of(Objects.requireNonNull(query, "query"), Objects.requireNonNull(document, "document"));
    }

    /** What each score is called; empty where the model does not say. ({@code llama_model_cls_label}) */
    public List<String> labels() {
        return labels;
    }

    /** Tokens of the longest pair of query and document. */
    public int maxTokens() {
        return batches.maxTokens();
    }

    /** Frees the context. May be called twice. */
    @Override
    public void close() {
        batches.close();
    }
}
