package io.github.panllama.engine;

import io.github.panllama.StateCopy;
import java.util.Map;

/** Something that a {@link SessionStore} wants its disk to do. */
sealed interface DiskTask {
    /** What it is about. */
    Parked parked();

    /** Whether it touches the session's file. */
    boolean isAt(Session session);

    /**
     * A state to write.
     *
     * @param copy of it, in memory
     * @param conversations what each of its sessions has
     */
    record Write(Parked parked, StateCopy copy, Map<Session, int[]> conversations) implements DiskTask {
        @Override
        public boolean isAt(Session session) {
            return conversations.containsKey(session);
        }
    }

    /**
     * A state to read.
     *
     * @param session in whose file it is
     */
    record Read(Parked parked, Session session) implements DiskTask {
        @Override
        public boolean isAt(Session other) {
            return session == other;
        }
    }
}
