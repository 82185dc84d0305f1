package io.github.panllama.chat;

import io.github.panllama.LlamaException;

/** A chat template that does not compile, or that refuses or fails on the messages that it is given. */
public class ChatTemplateException extends LlamaException {
    private static final long serialVersionUID = 1L;

    ChatTemplateException(String message) {
        super(message);
    }
}
