package io.github.panllama.chat;

/** What a chat does when its conversation does not fit the context any more. */
public enum HistoryPolicy {
    /** It refuses the turn with a {@link io.github.panllama.ContextFullException}. */
    FAIL,
    /**
     * It leaves the oldest turns out of what the model is given: questions, with all that followed them. What the system
     * says at the start stays. So many are left out at once that the rest takes half of the context, since the context
     * has to be computed anew from there. {@link LlamaChat#messages()} keeps them.
     */
    DROP_OLDEST
}
