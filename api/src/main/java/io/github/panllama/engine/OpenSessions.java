package io.github.panllama.engine;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which sessions an engine has, by their ids. An id is taken before its session is there, so that nobody else opens it
 * meanwhile.
 *
 * <p><b>Threads.</b> Those that hold the lock of its {@link SessionStore}.
 */
final class OpenSessions {
    private final Map<String, Session> byId = new HashMap<>();
    private final Set<Session> opening = new HashSet<>();

    /** From now on the id is taken. */
    void take(Session session) {
        if (byId.putIfAbsent(session.id(), session) != null) {
            throw new IllegalStateException("The session " + session.id() + " is open already");
        }
        opening.add(session);
    }

    /** The session has what it begins with, and all may see it. */
    void show(Session session) {
        opening.remove(session);
    }

    /** The id is free again. */
    void remove(Session session) {
        byId.remove(session.id());
        opening.remove(session);
    }

    boolean has(Session session) {
        return byId.get(session.id()) == session;
    }

    /** Those that all may see. */
    List<Session> all() {
        return byId.values().stream()
                .filter(session -> !opening.contains(session))
                .toList();
    }
}
