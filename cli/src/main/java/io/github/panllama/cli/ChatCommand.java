package io.github.panllama.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** A conversation, which needs a model that was taught to have one. */
@Command(
        name = "chat",
        header = "Talk with a model: not there yet.",
        description = "Needs a chat model and the model's own template; both come with the next release.")
final class ChatCommand extends Subcommand {
    /** Whatever is asked, the answer is the same. */
    @Unmatched
    private final List<String> ignored = new ArrayList<>();

    ChatCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run() {
        throw new FailureException("chat needs a chat model and comes next; until then there is 'panllama generate'");
    }
}
