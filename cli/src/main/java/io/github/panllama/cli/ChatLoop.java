package io.github.panllama.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A conversation line by line: each line is a question, or a command that begins with a slash. */
final class ChatLoop {
    private static final String HELP = """
            /clear  begin anew
            /exit   end, as Ctrl-D does
            /help   this list
            Ctrl-C stops an answer. A line that shall begin with a slash begins with two.""";

    private final Terminal terminal;
    private final Conversation conversation;
    private final Consumer<String> ask;
    private final Consumer<RuntimeException> failed;
    private volatile boolean answering;

    /**
     * A loop that is to be run.
     *
     * @param ask answers a question
     * @param failed told where it could not; the conversation then goes on without that question
     */
    ChatLoop(Terminal terminal, Conversation conversation, Consumer<String> ask, Consumer<RuntimeException> failed) {
        this.terminal = terminal;
        this.conversation = conversation;
        this.ask = ask;
        this.failed = failed;
    }

    void run() throws IOException {
        tell("Ask away; /help lists the commands, /exit or Ctrl-D ends.");
        BufferedReader lines = new BufferedReader(new InputStreamReader(terminal.in(), StandardCharsets.UTF_8));
        try (InterruptSignal _ = InterruptSignal.handle(this::interrupted)) {
            for (String line = next(lines); line != null && !line.strip().equals("/exit"); line = next(lines)) {
                take(line);
            }
        }
    }

    private @Nullable String next(BufferedReader lines) throws IOException {
        prompt();
        return lines.readLine();
    }

    private void take(String line) {
        switch (line.strip()) {
            case "" -> {}
            case "/clear" -> {
                conversation.clear();
                tell("The conversation begins anew.");
            }
            case "/help" -> terminal.err().println(HELP);
            default -> {
                if (line.startsWith("/") && !line.startsWith("//")) {
                    terminal.err().println("There is no command " + line.strip() + ".\n" + HELP);
                } else {
                    answer(line.startsWith("//") ? line.substring(1) : line);
                }
            }
        }
    }

    private void answer(String question) {
        answering = true;
        try {
            ask.accept(question);
        } catch (OutputClosedException | UncheckedIOException e) {
            // There is nowhere to answer to.
            throw e;
        } catch (RuntimeException e) {
            failed.accept(e);
        } finally {
            answering = false;
        }
    }

    private void interrupted() {
        if (answering) {
            conversation.stop();
        } else {
            tell("\n/exit or Ctrl-D ends.");
            prompt();
        }
    }

    private void tell(String text) {
        if (terminal.interactive()) {
            terminal.err().println(text);
        }
    }

    private void prompt() {
        if (terminal.interactive()) {
            terminal.err().print("> ");
            terminal.err().flush();
        }
    }
}
