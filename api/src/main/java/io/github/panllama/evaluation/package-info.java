/**
 * How well a model does: {@link io.github.panllama.evaluation.Evaluation} measures its perplexity over a text, how far it
 * is from another model, and which questions it answers. Built on what {@code io.github.panllama} exports, nothing else.
 */
@NullMarked
package io.github.panllama.evaluation;

import org.jspecify.annotations.NullMarked;
