package io.github.panllama.training.corpus;

/** Whose turn a message is. */
public enum Role {
    /** The person who asks. */
    USER,
    /** The model. */
    ASSISTANT,
    /** What a tool gave back. */
    TOOL
}
