/**
 * Models with random weights, for tests and benchmarks: real architectures, a real tokenizer, no meaning.
 *
 * <p>{@link io.github.panllama.synthetic.SyntheticModel} writes a small model file that llama.cpp loads and runs,
 * {@link io.github.panllama.synthetic.SyntheticLora} an adapter for one,
 * {@link io.github.panllama.synthetic.SyntheticPreset} a file in the exact shape of a known model, of billions of
 * parameters. Pure Java; the same settings and seed give the same bytes everywhere.
 */
@NullMarked
package io.github.panllama.synthetic;

import org.jspecify.annotations.NullMarked;
