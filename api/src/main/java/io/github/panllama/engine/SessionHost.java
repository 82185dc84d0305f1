package io.github.panllama.engine;

/** What a session asks of its engine. */
interface SessionHost {
    /** Goes on with a conversation, which the session holds on to until the generation ends. */
    Generation generate(CompletionRequest request, Session session, int[] conversation);

    /** Another session that begins with the conversation of one. */
    Session fork(Session source, String id);

    /** Writes it to the session folder. */
    void save(Session session);

    /** Forgets what was computed of it, and its file. */
    void forget(Session session);
}
