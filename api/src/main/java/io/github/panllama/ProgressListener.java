package io.github.panllama;

/** Told how far a load has come. Called on the thread that loads. */
@FunctionalInterface
public interface ProgressListener {
    /**
     * Reports progress.
     *
     * @param fraction what is done, from 0 to 1
     * @return whether to go on; {@code false} cancels the load
     */
    boolean onProgress(float fraction);
}
