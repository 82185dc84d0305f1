/** Matrices in arrays, and products of them at the speed of the machine. */
@NullMarked
package io.github.panllama.training.math;

import org.jspecify.annotations.NullMarked;
