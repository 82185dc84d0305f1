package io.github.panllama.cli.bench;

/** Something that generates, under load. Called on many virtual threads at the same time. */
@FunctionalInterface
public interface Target {
    /**
     * Sends a request and waits for its end.
     *
     * @param prompt token ids
     * @param tokens to generate, no fewer and no more
     * @throws IllegalStateException if it generates another number
     */
    CompletedRequest complete(int[] prompt, int tokens);
}
