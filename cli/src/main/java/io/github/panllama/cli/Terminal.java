package io.github.panllama.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * What a command reads and writes, so that tests can put their own in its place.
 *
 * @param in standard input, bytes
 * @param out standard output
 * @param err standard error; every line is flushed
 * @param interactive whether a person looks at standard error, and may be shown progress
 */
record Terminal(InputStream in, Output out, PrintWriter err, boolean interactive) {
    /** Set by the launcher, which can ask about standard error alone; the JVM cannot. */
    private static final String TERMINAL_PROPERTY = "panllama.terminal";

    /** The same for standard input. */
    private static final String INPUT_PROPERTY = "panllama.terminal.input";

    static Terminal of(InputStream in, OutputStream out, OutputStream err, boolean interactive) {
        return new Terminal(
                in,
                new Output(out),
                new PrintWriter(new OutputStreamWriter(err, StandardCharsets.UTF_8), true),
                interactive);
    }

    /** The streams of this process. */
    static Terminal ofProcess() {
        return of(
                System.in,
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                Boolean.getBoolean(TERMINAL_PROPERTY));
    }

    /** Whether a person types what is read, and sees what is said about it. */
    @SuppressWarnings("ReferenceEquality") // tests put another stream in its place
    boolean isTyped() {
        return interactive && in == System.in && Boolean.getBoolean(INPUT_PROPERTY);
    }

    /** All of standard input, which must be UTF-8. */
    String readText() throws IOException {
        return Utf8.decode(in.readAllBytes(), "Standard input");
    }
}
