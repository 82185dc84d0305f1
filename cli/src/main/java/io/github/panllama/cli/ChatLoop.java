package io.github.panllama.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A conversation question by question; what begins with a slash is a command. */
final class ChatLoop {
    private static final String HELP = """
            /clear      begin anew
            /exit       end, as Ctrl-D does
            /help       this list
            /load FILE  go on with the conversation of a file
            /save FILE  write the conversation to a file, as JSON
            /stats      what was computed so far
            Ctrl-C stops an answer. A question that shall begin with a slash begins with two.""";
    private static final String TYPED = """
            A question goes on in the next line after a \\ at the end of its line, or between \"""; the arrow keys bring
            back earlier ones.""";

    private final Terminal terminal;
    private final Conversation conversation;
    private final Consumer<String> ask;
    private final Consumer<Exception> failed;

    /**
     * A loop that is to be run.
     *
     * @param ask answers a question
     * @param failed told where it could not, or a command could not; the conversation then goes on without it
     */
    ChatLoop(Terminal terminal, Conversation conversation, Consumer<String> ask, Consumer<Exception> failed) {
        this.terminal = terminal;
        this.conversation = conversation;
        this.ask = ask;
        this.failed = failed;
    }

    void run() throws IOException {
        tell("Ask away; /help lists the commands, /exit or Ctrl-D ends.");
        try (Questions questions = TypedQuestions.of(terminal, this::interrupted)
                .orElseGet(() -> new LineQuestions(terminal, this::interrupted))) {
            for (String question = questions.next();
                    question != null && !question.strip().equals("/exit");
                    question = questions.next()) {
                take(question);
            }
        }
    }

    private void take(String text) {
        String command = text.strip();
        if (command.isEmpty()) {
            return;
        }
        try {
            if (!command.startsWith("/")) {
                ask.accept(text);
            } else if (command.startsWith("//")) {
                ask.accept(text.replaceFirst("/", ""));
            } else {
                command(command);
            }
        } catch (OutputClosedException | UncheckedIOException e) {
            // There is nowhere to answer to.
            throw e;
        } catch (RuntimeException | IOException e) {
            failed.accept(e);
        }
    }

    private void command(String command) throws IOException {
        String[] words = command.split("\\s+", 2);
        String argument = words.length == 1 ? "" : words[1];
        switch (words[0]) {
            case "/clear" -> {
                conversation.clear();
                tell("The conversation begins anew.");
            }
            case "/help" -> terminal.err().println(terminal.isTyped() ? HELP + "\n" + TYPED : HELP);
            case "/stats" -> terminal.err().println(conversation.stats());
            case "/save" -> tell("%d messages saved.".formatted(conversation.save(file(words[0], argument))));
            case "/load" -> tell("%d messages loaded.".formatted(conversation.load(file(words[0], argument))));
            default -> terminal.err().println("There is no command " + command + ".\n" + HELP);
        }
    }

    private static Path file(String command, String name) {
        if (name.isEmpty()) {
            throw new FailureException(command + " needs the name of a file");
        }
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new FailureException(command + ": " + e.getMessage(), e);
        }
    }

    /** Answers whether nothing was being answered. */
    private boolean interrupted() {
        if (conversation.isAnswering()) {
            conversation.stop();
            return false;
        }
        tell("\n/exit or Ctrl-D ends.");
        return true;
    }

    private void tell(String text) {
        if (terminal.interactive()) {
            terminal.err().println(text);
        }
    }
}
