/**
 * Large language models in the JVM: load a GGUF model, tokenize, decode, sample.
 *
 * <p>{@link io.github.panllama.LlamaModel} is where to start; {@link io.github.panllama.TextGenerator} is the shortest
 * way from a prompt to text, {@link io.github.panllama.LlamaContext} with {@link io.github.panllama.Batch} and
 * {@link io.github.panllama.Sampler} the way that hides nothing. No type here shows a native pointer, and no argument
 * reaches native code unchecked.
 */
@NullMarked
package io.github.panllama;

import org.jspecify.annotations.NullMarked;
