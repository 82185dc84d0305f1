package io.github.panllama;

/** How many tokens a context holds, where it is not a number: {@link ContextOptions.Builder#contextSize}. */
public enum ContextSize {
    /**
     * As many as fit in the memory that is free, with a margin, up to what the model was trained for, for each sequence.
     */
    AUTO(ContextOptions.FITTING_CONTEXT),
    /** As many as the model was trained for. */
    TRAINED(ContextOptions.TRAINING_CONTEXT);

    final int code;

    ContextSize(int code) {
        this.code = code;
    }
}
