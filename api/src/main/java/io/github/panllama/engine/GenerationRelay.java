package io.github.panllama.engine;

/** Takes a generation to where it is read. Called by the thread that computes. */
interface GenerationRelay {
    /** Whether the generation waits for its reader. */
    boolean isPaused();

    /** The prompt is about to be computed. */
    void begun();

    /** The next chunk. */
    void added(GenerationChunk chunk);

    /** The end. */
    void completed(CompletionResult result);

    /** The end, by a failure. */
    void failed(Throwable failure);
}
