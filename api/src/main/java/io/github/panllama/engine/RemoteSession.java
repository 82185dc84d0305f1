package io.github.panllama.engine;

import io.github.panllama.internal.worker.FrameWriter;
import org.jspecify.annotations.Nullable;

/**
 * A session of an isolated engine: which worker has it, and with which conversation.
 *
 * <p><b>Threads.</b> Whoever uses the session, which is one at a time.
 */
final class RemoteSession {
    private final Session session;
    private volatile @Nullable WorkerClient worker;
    private volatile int[] known = {};
    private volatile boolean shown;

    RemoteSession(Session session) {
        this.session = session;
    }

    Session session() {
        return session;
    }

    /** It has what it begins with, and all may see it. */
    void show() {
        shown = true;
    }

    boolean isShown() {
        return shown;
    }

    /** A worker has it now, with this conversation. */
    void isAt(WorkerClient client, int[] conversation) {
        known = conversation;
        worker = client;
    }

    /** What a worker has of it is not known any more. */
    void isLost() {
        worker = null;
    }

    boolean isAt(WorkerClient client) {
        return worker == client;
    }

    /** Writes which session is used, and what a worker needs so that it has this conversation. */
    void write(WorkerClient client, int[] conversation, FrameWriter out) {
        out.putString(session.id());
        SessionSync.write(isAt(client) ? known : new int[0], conversation, out);
        isAt(client, conversation);
    }
}
