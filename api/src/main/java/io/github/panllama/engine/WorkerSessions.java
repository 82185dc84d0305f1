package io.github.panllama.engine;

import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.ProtocolException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of a worker's engine. The client has the conversations, and tells with each use what they are.
 *
 * <p><b>Threads.</b> Any; the client uses a session once at a time.
 */
final class WorkerSessions {
    private static final int MAX_ID = 128;

    private final LocalEngine engine;
    private final Map<String, Session> open = new ConcurrentHashMap<>();

    WorkerSessions(LocalEngine engine) {
        this.engine = engine;
    }

    /** A use of a session. */
    record Use(String id, SessionSync sync) {}

    static String id(FrameReader in) throws ProtocolException {
        return in.getString("id of session", MAX_ID);
    }

    Use read(FrameReader in) throws ProtocolException {
        return new Use(id(in), SessionSync.read(in));
    }

    /** Whether it is open, so that nothing has to be read. */
    boolean has(Use use) {
        return open.containsKey(use.id());
    }

    /** Opens a session, with what the session folder has of it. */
    Session open(String id) {
        Session session = engine.openSession(id);
        open.put(id, session);
        return session;
    }

    /** The session as the client has it. One that a worker before this one had is opened. */
    Session synced(Use use) {
        @Nullable Session known = open.get(use.id());
        Session session = known == null ? open(use.id()) : known;
        session.begin(use.sync().apply(session.conversation()));
        return session;
    }

    /** Goes on with a session. */
    void generate(Use use, CompletionRequest request, RelayedGeneration relay) {
        synced(use).generate(request, (asked, session, conversation) -> {
            relay.continues(session, conversation);
            return engine.generate(asked, session, conversation, relay::bind);
        });
    }

    void fork(Use use, String id) {
        open.put(id, synced(use).fork(id));
    }

    /** Forgets a session and its file, also where only the file is there. */
    void forget(String id) {
        @Nullable Session session = open.remove(id);
        (session == null ? engine.openSession(id) : session).close();
    }
}
