package io.github.panllama.chat;

/** Whether the model calls tools. */
public enum ToolChoice {
    /** As it likes. */
    AUTO,
    /** At least once. */
    REQUIRED,
    /** Not at all, though it is told of them. */
    NONE
}
