package io.github.panllama.embedding;

/** What becomes of a text that has more tokens than can be computed. */
public enum Truncation {
    /** It is refused, with an {@link IllegalArgumentException}. */
    REFUSE,
    /** Its end is cut off. */
    KEEP_BEGINNING,
    /** Its beginning is cut off. */
    KEEP_END
}
