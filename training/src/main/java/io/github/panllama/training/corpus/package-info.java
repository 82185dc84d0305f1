/** The generated conversations that a model learns from, and those that are kept from it to test it. */
@NullMarked
package io.github.panllama.training.corpus;

import org.jspecify.annotations.NullMarked;
