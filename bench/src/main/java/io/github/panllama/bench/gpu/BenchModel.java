package io.github.panllama.bench.gpu;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A model that is measured.
 *
 * @param name such as {@code deepseek-r1-distill-qwen-7b}
 * @param type of its weights, such as {@code Q4_K_M}
 * @param file gives its file, which may have to be written first
 */
record BenchModel(String name, String type, File file) {
    /** Where a model is. */
    interface File {
        /**
         * The file; written, if it is not there.
         *
         * @throws IOException if it cannot be
         * @throws java.util.concurrent.CancellationException if the time was over before
         */
        Path get() throws IOException;

        /**
         * Gives it up: what {@link #get} has written is deleted.
         *
         * @throws IOException if it cannot be
         */
        default void release() throws IOException {}
    }
}
