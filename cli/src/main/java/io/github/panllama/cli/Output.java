package io.github.panllama.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Standard output: bytes, or text as UTF-8 whatever the locale. Unlike a {@link java.io.PrintStream} it notices that
 * its reader has gone, or that the disk is full.
 */
final class Output {
    private final OutputStream stream;

    Output(OutputStream stream) {
        this.stream = new BufferedOutputStream(stream);
    }

    Output print(String text) {
        return write(text.getBytes(StandardCharsets.UTF_8));
    }

    Output println(String text) {
        return print(text).print("\n");
    }

    Output write(byte[] bytes) {
        try {
            stream.write(bytes);
            return this;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    void flush() {
        try {
            stream.flush();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** For picocli, which prints help with it. */
    PrintWriter writer() {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }

    private static RuntimeException failure(IOException e) {
        // "Broken pipe", on Windows "The pipe is being closed" or "… has been ended".
        boolean closed = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("pipe");
        return closed
                ? new OutputClosedException(e)
                : new UncheckedIOException("Cannot write to standard output: " + e.getMessage(), e);
    }
}
