package io.github.panllama.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** A command line that ran in this process, with what it wrote. */
final class CommandRun {
    private final int exitCode;
    private final byte[] output;
    private final String err;

    private CommandRun(int exitCode, byte[] output, String err) {
        this.exitCode = exitCode;
        this.output = output;
        this.err = err;
    }

    static CommandRun of(String... args) {
        return withInput("", args);
    }

    static CommandRun withInput(String input, String... args) {
        return withInput(input.getBytes(StandardCharsets.UTF_8), args);
    }

    static CommandRun withInput(byte[] input, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CommandRun run = into(out, input, args);
        return new CommandRun(run.exitCode, out.toByteArray(), run.err);
    }

    /** Runs before the eyes of a person. */
    static CommandRun onTerminal(String input, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CommandRun run = into(out, input.getBytes(StandardCharsets.UTF_8), true, args);
        return new CommandRun(run.exitCode, out.toByteArray(), run.err);
    }

    /** Runs with another standard output, of which nothing is kept. */
    static CommandRun into(OutputStream out, byte[] input, String... args) {
        return into(out, input, false, args);
    }

    private static CommandRun into(OutputStream out, byte[] input, boolean interactive, String... args) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode = Panllama.run(Terminal.of(new ByteArrayInputStream(input), out, err, interactive), args);
        return new CommandRun(exitCode, new byte[0], err.toString(StandardCharsets.UTF_8));
    }

    int exitCode() {
        return exitCode;
    }

    byte[] output() {
        return output;
    }

    String out() {
        return new String(output, StandardCharsets.UTF_8);
    }

    String err() {
        return err;
    }
}
