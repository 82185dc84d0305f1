package io.github.panllama.chat;

import io.github.panllama.LlamaException;

/** A reply that does not have the format of its model. */
public class ChatParseException extends LlamaException {
    private static final long serialVersionUID = 1L;

    /** The reply, as the model wrote it. */
    private final String reply;

    ChatParseException(String message, String reply) {
        super(message);
        this.reply = reply;
    }

    /** The reply, as the model wrote it. */
    public String reply() {
        return reply;
    }
}
