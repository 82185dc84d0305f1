/**
 * What texts have in common: {@link io.github.panllama.embedding.Embedder} turns them into vectors, and
 * {@link io.github.panllama.embedding.Reranker} scores how well documents answer a query. Both compute many texts in
 * each batch. Built on what {@code io.github.panllama} exports, nothing else.
 */
@NullMarked
package io.github.panllama.embedding;

import org.jspecify.annotations.NullMarked;
