package io.github.panllama.chat;

import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Session;

/**
 * What the turns of a chat have in common.
 *
 * @param engine computes
 * @param template renders
 * @param session holds what was computed of the conversation
 * @param history the conversation
 */
record ChatContext(LlamaEngine engine, ChatTemplate template, Session session, ChatHistory history) {
    /** Tokens that the context has for prompt and reply. */
    int room() {
        return engine.sequenceContextSize();
    }

    PromptWindow window() {
        return new PromptWindow(template, room());
    }
}
