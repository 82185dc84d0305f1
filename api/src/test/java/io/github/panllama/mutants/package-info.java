/**
 * Model files that are damaged part by part, loaded in JVMs that must survive.
 *
 * <p>{@code GgufMutantsTest} makes a few hundred in an ordinary run; {@code -Dpanllama.mutants=20000} says how many,
 * {@code -Dpanllama.mutants.first=1} which seed to begin with.
 */
@NullMarked
package io.github.panllama.mutants;

import org.jspecify.annotations.NullMarked;
