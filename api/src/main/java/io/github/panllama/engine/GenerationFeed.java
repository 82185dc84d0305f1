package io.github.panllama.engine;

/** What a generation tells the engine that fills it. Called by any thread, and must not wait for others. */
interface GenerationFeed {
    /** From now on somebody reads, and the generation pauses when it is too far ahead of that. */
    void readerCame();

    /**
     * A chunk was read.
     *
     * @param chunks that were read by now
     * @param waiting chunks that are there and were not
     */
    void read(long chunks, int waiting);

    /** Nobody wants it any more. */
    void cancelled();
}
