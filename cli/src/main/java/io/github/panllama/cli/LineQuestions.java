package io.github.panllama.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Each line of standard input is a question. Ctrl-C does what it is told to do. */
final class LineQuestions implements Questions {
    private final Terminal terminal;
    private final BufferedReader lines;
    private final InterruptSignal signal;

    /**
     * Questions of a terminal or a file.
     *
     * @param interrupted what Ctrl-C does; it answers whether somebody is asked for a question
     */
    LineQuestions(Terminal terminal, BooleanSupplier interrupted) {
        this.terminal = terminal;
        this.lines = new BufferedReader(new InputStreamReader(terminal.in(), StandardCharsets.UTF_8));
        this.signal = InterruptSignal.handle(() -> {
            if (interrupted.getAsBoolean()) {
                prompt();
            }
        });
    }

    @Override
    public @Nullable String next() throws IOException {
        prompt();
        return lines.readLine();
    }

    private void prompt() {
        if (terminal.interactive()) {
            terminal.err().print("> ");
            terminal.err().flush();
        }
    }

    @Override
    public void close() {
        signal.close();
    }
}
