package io.github.panllama.cli;

import java.util.Locale;

/** Where the JVM starts. */
public final class Main {
    private Main() {}

    /** Runs the command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        // What the command prints is read by programs too: 4.5 is not 4,5 in Germany, nor 12 in Arabic digits in Egypt.
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        System.exit(Panllama.run(Terminal.ofProcess(), args));
    }
}
