package io.github.panllama.chat;

import java.util.List;

/**
 * A compiled template and the vocabulary of its model, in this process or in an engine's worker.
 *
 * <p><b>Threads.</b> Any.
 */
interface TemplateSource {
    /** The template's text. */
    String source();

    /** Whether it is the model's own. */
    boolean isOfModel();

    /** Whether it can do something, by the name that libllama-common has for it. */
    boolean supports(String capability);

    /**
     * Renders a conversation.
     *
     * @param requiredToolAlone as if there were no tools but the required one
     */
    ChatPrompt render(List<ChatMessage> messages, ChatTemplateOptions options, boolean requiredToolAlone);

    /** Encodes a text with the model's vocabulary. */
    int[] encode(String text, boolean addSpecial, boolean parseSpecial);
}
