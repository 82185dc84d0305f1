package io.github.panllama.training.corpus;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A conversation: what precedes the last turn of the assistant, and that turn.
 *
 * @param skill what the last turn practises
 * @param system the system prompt, or null
 * @param tools whether the calculator is offered
 * @param thinking whether the last turn may reason
 * @param messages what precedes the last turn; the last one is the user's or a tool's
 * @param reasoning the reasoning of the last turn; empty where none is needed, and when {@code thinking} is false
 * @param reply the last turn
 * @param keys the instances in it, in {@link HeldOut}'s sense: those of earlier turns, then that of the last turn
 */
public record Conversation(
        Skill skill,
        @Nullable String system,
        boolean tools,
        boolean thinking,
        List<Message> messages,
        String reasoning,
        Reply reply,
        List<String> keys) {
    /** Keeps copies of the lists. */
    public Conversation {
        messages = List.copyOf(messages);
        keys = List.copyOf(keys);
    }

    /** The instance that the last turn practises. */
    public String key() {
        return keys.getLast();
    }
}
