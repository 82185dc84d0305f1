/**
 * Load on something that generates, and what became of it: the generator of requests, the times of each, and the
 * figures that sum them up. The command and the benchmarks measure with the same code.
 */
@NullMarked
package io.github.panllama.cli.bench;

import org.jspecify.annotations.NullMarked;
