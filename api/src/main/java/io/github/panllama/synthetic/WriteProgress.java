package io.github.panllama.synthetic;

import io.github.panllama.ProgressListener;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** Tells a listener how far a file is written, and ends the writing when it says so. */
final class WriteProgress {
    private final @Nullable ProgressListener listener;
    private long total;
    private long done;

    WriteProgress(@Nullable ProgressListener listener) {
        this.listener = listener;
    }

    /** Begins with a file of so many bytes. */
    void begin(long bytes) {
        total = bytes;
        done = 0;
        tell();
    }

    /** Adds bytes that were written. */
    void add(long bytes) {
        done += bytes;
        tell();
    }

    private void tell() {
        if (listener != null && !listener.onProgress((float) ((double) done / total))) {
            throw new CancellationException("Writing was cancelled by its progress listener");
        }
    }
}
