package io.github.panllama.cli;

import io.github.panllama.chat.ReplyStream;
import java.util.function.Consumer;

/**
 * Prints a reply as it comes: the answer to standard output; the reasoning, dimmed, to a terminal if there is one. A reader
 * of standard output gets the answer and nothing else. Closed, it leaves the terminal as it was, whatever became of the
 * reply.
 */
final class ReplyPrinter implements Consumer<ReplyStream.Delta>, AutoCloseable {
    private static final String DIM = "\u001b[2m";
    private static final String PLAIN = "\u001b[0m";

    private final Terminal terminal;
    private boolean dimmed;
    private boolean inLine;

    ReplyPrinter(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void accept(ReplyStream.Delta delta) {
        if (terminal.interactive() && !delta.reasoning().isEmpty()) {
            terminal.err().print(dimmed ? delta.reasoning() : DIM + delta.reasoning());
            terminal.err().flush();
            dimmed = true;
        }
        if (!delta.content().isEmpty()) {
            endReasoning();
            inLine = true;
            terminal.out().print(delta.content()).flush();
        }
    }

    /** Ends the reply's last line. */
    void end() {
        endReasoning();
        inLine = false;
        terminal.out().println("").flush();
    }

    /** Ends what {@link #end} did not. */
    @Override
    public void close() {
        endReasoning();
        if (inLine) {
            end();
        }
    }

    private void endReasoning() {
        if (dimmed) {
            terminal.err().println(PLAIN);
            dimmed = false;
        }
    }
}
