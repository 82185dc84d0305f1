/**
 * Many generations at the same time: {@link io.github.panllama.engine.LlamaEngine} takes requests from any number of
 * threads and computes them together, one step for all.
 */
@NullMarked
package io.github.panllama.engine;

import org.jspecify.annotations.NullMarked;
