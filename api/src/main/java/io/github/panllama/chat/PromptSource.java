package io.github.panllama.chat;

import java.util.List;

/**
 * A rendered conversation, and what takes its reply apart, in this process or in an engine's worker.
 *
 * <p><b>Threads.</b> Any.
 */
interface PromptSource {
    /** The texts of one of the shim's kinds. */
    List<String> texts(int kind);

    /**
     * Takes a reply apart.
     *
     * @param partial whether it may go on
     * @throws ChatParseException if it does not have the model's format
     */
    ChatReply parse(String reply, boolean partial);

    /** Encodes a text with the model's vocabulary. */
    int[] encode(String text, boolean addSpecial, boolean parseSpecial);

    /** The bytes of a token. */
    byte[] piece(int token, boolean special);
}
