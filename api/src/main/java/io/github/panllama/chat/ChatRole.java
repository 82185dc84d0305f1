package io.github.panllama.chat;

import java.util.Locale;

/** Who says a message. */
public enum ChatRole {
    /** Whoever runs the conversation: how the model shall behave. */
    SYSTEM,
    /** The same, by the name that some templates know; others take it for {@link #SYSTEM}. */
    DEVELOPER,
    /** The person who asks. */
    USER,
    /** The model. */
    ASSISTANT,
    /** A tool that the model called: its result. */
    TOOL;

    /** The name by which templates know it. */
    String templateName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
