package io.github.panllama.training.corpus;

/**
 * A piece of a document.
 *
 * @param text what it says
 * @param special whether the text is one special token, rather than text to split into tokens
 * @param trained whether the model is to learn to write it
 */
public record Segment(String text, boolean special, boolean trained) {}
