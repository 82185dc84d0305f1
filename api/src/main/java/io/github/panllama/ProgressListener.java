package io.github.panllama;

/** Told how far a load or another long piece of work has come. Called on the thread that does it. */
@FunctionalInterface
public interface ProgressListener {
    /**
     * Reports progress.
     *
     * @param fraction what is done, from 0 to 1
     * @return whether to go on; {@code false} cancels the work
     */
    boolean onProgress(float fraction);
}
