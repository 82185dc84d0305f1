/** A decoder-only transformer as llama.cpp computes it, its gradients by hand, and the optimizer that trains it. */
@NullMarked
package io.github.panllama.training.transformer;

import org.jspecify.annotations.NullMarked;
