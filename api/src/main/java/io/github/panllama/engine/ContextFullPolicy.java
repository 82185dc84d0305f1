package io.github.panllama.engine;

/** What becomes of a generation that has filled the context before its end. */
public enum ContextFullPolicy {
    /** It ends, with {@link io.github.panllama.FinishReason#LENGTH}. */
    STOP,
    /**
     * It goes on: the first {@link CompletionRequest.Builder#keepTokens} tokens stay, half of those behind them are
     * forgotten, and the rest move up. What the model knows of these is an approximation from then on. A prompt that is
     * too long for the context loses its middle alike.
     */
    SHIFT,
    /** It fails, with {@link io.github.panllama.ContextFullException}. */
    FAIL
}
