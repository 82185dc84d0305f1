package io.github.panllama.cli;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A process on a pseudo-terminal, which {@code script} of util-linux makes, and a person at it. */
final class PseudoTerminal implements AutoCloseable {
    /** The line editor's, which no answer has: it turns bracketed paste on. */
    private static final String PROMPT = "\u001b[?2004h> ";

    private final Process process;
    private final OutputStream keys;
    private final Reader screen;
    private final StringBuilder seen = new StringBuilder();
    private int mark;

    private PseudoTerminal(Process process) {
        this.process = process;
        this.keys = process.getOutputStream();
        this.screen = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8);
    }

    static PseudoTerminal start(Path folder, Map<String, String> environment, List<String> command) throws IOException {
        String line = command.stream()
                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
        ProcessBuilder builder = new ProcessBuilder(
                        "script",
                        "--quiet",
                        "--flush",
                        "--return",
                        "--command",
                        "stty cols 120 rows 40; exec " + line,
                        "/dev/null")
                .directory(folder.toFile())
                .redirectErrorStream(true);
        builder.environment().put("SHELL", "/bin/sh");
        builder.environment().put("TERM", "xterm-256color");
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().putAll(environment);
        return new PseudoTerminal(builder.start());
    }

    /** The command in a JVM of its own. */
    static PseudoTerminal ofCommand(Path folder, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(LimitedRun.java(List.of("-Dpanllama.terminal=true", "-Dpanllama.terminal.input=true")));
        command.addAll(List.of(arguments));
        return start(folder, Map.of(), command);
    }

    /** Presses keys. What is waited for next comes after that. */
    void type(String text) throws IOException {
        mark = seen.length();
        keys.write(text.getBytes(StandardCharsets.UTF_8));
        keys.flush();
    }

    /** Waits until the chat reads keys again, and answers all that came since keys were pressed last. */
    String awaitPrompt() throws IOException {
        return await(PROMPT);
    }

    /** Waits for a text on the screen, and answers all that came since keys were pressed last. */
    String await(String text) throws IOException {
        return await(now -> now.contains(text), text);
    }

    String await(Predicate<String> found, String what) throws IOException {
        char[] more = new char[4096];
        while (!found.test(seen.substring(mark))) {
            int count = screen.read(more);
            if (count < 0) {
                throw new AssertionError("The program has ended before it said %s:%n%s".formatted(what, seen));
            }
            seen.append(more, 0, count);
        }
        return seen.substring(mark);
    }

    /** Waits for the end, and answers the exit code. */
    int awaitEnd() throws IOException, InterruptedException {
        char[] more = new char[4096];
        for (int count = screen.read(more); count >= 0; count = screen.read(more)) {
            seen.append(more, 0, count);
        }
        return process.waitFor();
    }

    /** All that was on the screen. */
    String seen() {
        return seen.toString();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }
}
