package io.github.panllama;

/** Why a generation ended. */
public enum FinishReason {
    /** The model ended it. */
    STOP,
    /** It reached the most tokens that were asked for, or the context's size. */
    LENGTH,
    /** Somebody ended it. */
    CANCELLED,
    /** Its time was up. */
    DEADLINE
}
