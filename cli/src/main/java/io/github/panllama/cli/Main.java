package io.github.panllama.cli;

/** Where the JVM starts. */
public final class Main {
    private Main() {}

    /** Runs the command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        System.exit(Panllama.run(Terminal.ofProcess(), args));
    }
}
