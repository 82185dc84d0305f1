/**
 * GGUF files in pure Java: reading the header, checking it, changing it, and writing whole files.
 *
 * <p>{@link io.github.panllama.gguf.GgufFile} is what a file says about itself (metadata and tensor descriptions, never
 * the weights), {@link io.github.panllama.gguf.GgufWriter} makes a file of any size from streamed tensors.
 * {@link io.github.panllama.gguf.GgufEditor} changes metadata, {@link io.github.panllama.gguf.GgufSplit} takes files apart
 * and puts them together. Nothing here calls native code.
 */
@NullMarked
package io.github.panllama.gguf;

import org.jspecify.annotations.NullMarked;
