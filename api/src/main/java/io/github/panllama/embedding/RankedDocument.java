package io.github.panllama.embedding;

import java.util.List;
import java.util.Objects;

/**
 * How well a document answers a query.
 *
 * @param index its place in the list that was given, from 0
 * @param document its text, whole even where it was cut for the model
 * @param score the model's first score, by which documents are sorted; its scale is the model's own
 * @param scores all scores of the model's classification head, in the order of {@link Reranker#labels()}
 */
public record RankedDocument(int index, String document, float score, List<Float> scores) {
    /** Copies the list. */
    public RankedDocument {
        Objects.requireNonNull(document, "document");
        scores = List.copyOf(scores);
    }
}
