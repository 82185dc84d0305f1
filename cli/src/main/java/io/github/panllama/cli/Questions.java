package io.github.panllama.cli;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where the questions of a conversation come from. */
interface Questions extends AutoCloseable {
    /** The next question or command; {@code null} after the last. */
    @Nullable
    String next() throws IOException;

    @Override
    void close() throws IOException;
}
