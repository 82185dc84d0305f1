package io.github.panllama.chat;

/** Why a turn ended. */
public enum ChatFinish {
    /** The model has answered. */
    STOP,
    /** The model calls tools, whose results are to be sent. */
    TOOL_CALLS,
    /** The model called tools once more after as many rounds as may be; those calls were not made. */
    TOOL_ROUNDS,
    /** The reply reached the most tokens that it may have. */
    LENGTH,
    /** The reply reached the end of the context, or the context has no room for another one after what tools answered. */
    CONTEXT_FULL,
    /** Somebody ended it. */
    CANCELLED,
    /** Its time was up. */
    DEADLINE
}
