package io.github.panllama.chat;

/** What becomes of an assistant's message at the end of a conversation. ({@code continue_final_message}) */
public enum Continuation {
    /** It is the beginning of the reply, which goes on where it ends: in its content, or in its reasoning without any. */
    AUTO,
    /** It is the beginning of the reply, which goes on in its reasoning. */
    REASONING,
    /** It is the beginning of the reply, which goes on in its content. */
    CONTENT,
    /** It is a whole message, after which another reply begins. */
    NONE
}
