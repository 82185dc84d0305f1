package io.github.panllama.cli;

import io.github.panllama.chat.ChatEvent;
import java.util.function.Consumer;

/**
 * Prints a turn as it comes: the answer to standard output; reasoning and tool calls, dimmed, to a terminal if there is
 * one. A reader of standard output gets the answer and nothing else. Closed, it leaves the terminal as it was, whatever
 * became of the turn.
 */
final class ReplyPrinter implements Consumer<ChatEvent>, AutoCloseable {
    private static final String DIM = "\u001b[2m";
    private static final String PLAIN = "\u001b[0m";

    private final Terminal terminal;
    private final boolean always;
    private boolean aside;
    private boolean inLine;

    /**
     * A printer for one turn.
     *
     * @param always whether standard error gets reasoning and tool calls also where it is no terminal
     */
    ReplyPrinter(Terminal terminal, boolean always) {
        this.terminal = terminal;
        this.always = always;
    }

    @Override
    public void accept(ChatEvent event) {
        switch (event) {
            case ChatEvent.Reasoning(String text) -> aside(text);
            case ChatEvent.Content(String text) -> content(text);
            case ChatEvent.ToolCalled called -> {
                endLine();
                aside(called.call().name() + called.call().arguments());
            }
            case ChatEvent.ToolResult result -> {
                aside(" = " + result.result());
                endAside();
            }
            case ChatEvent.MessagesDropped _,
                    ChatEvent.ToolCallBegun _,
                    ChatEvent.ToolCallDelta _,
                    ChatEvent.Finished _ -> {}
        }
    }

    private void content(String text) {
        endAside();
        inLine = true;
        terminal.out().print(text).flush();
    }

    private void aside(String text) {
        if (terminal.interactive() || always) {
            terminal.err().print(aside || !terminal.interactive() ? text : DIM + text);
            terminal.err().flush();
            aside = true;
        }
    }

    /** Ends the turn's last line. */
    void end() {
        endAside();
        inLine = false;
        terminal.out().println("").flush();
    }

    /** Ends what {@link #end} did not. */
    @Override
    public void close() {
        endAside();
        endLine();
    }

    private void endLine() {
        if (inLine) {
            end();
        }
    }

    private void endAside() {
        if (aside) {
            terminal.err().println(terminal.interactive() ? PLAIN : "");
            aside = false;
        }
    }
}
