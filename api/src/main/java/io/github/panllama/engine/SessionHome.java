package io.github.panllama.engine;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What others ask of a replica about the sessions that are in its sequences. Its thread does it between two steps.
 *
 * <p>A session is at one home at a time. Only its home lets it go; only the replica that has its job takes it, when it
 * has no home.
 *
 * <p><b>Threads.</b> Any, but where it says the replica's.
 */
final class SessionHome {
    private final LoopCalls calls;
    private final Placement placement;
    private final SessionStore sessions;
    private final Runnable wake;

    SessionHome(LoopCalls calls, Placement placement, SessionStore sessions, Runnable wake) {
        this.calls = calls;
        this.placement = placement;
        this.sessions = sessions;
        this.wake = wake;
    }

    /** Has something done between two steps, and waits for it. */
    <T> T call(Function<Placement, T> work) {
        return calls.call(() -> work.apply(placement), wake);
    }

    /** The same, without waiting. */
    CompletableFuture<Void> start(Consumer<Placement> work) {
        return calls.start(
                () -> {
                    work.accept(placement);
                    return null;
                },
                wake);
    }

    /** Whether a job has to wait for its session, which is in a sequence of another replica yet. For the replica's thread. */
    boolean awaits(Job job) {
        Session session = job.session();
        SessionHome other = session == null ? null : session.home;
        if (session == null || other == null || other == this) {
            return false;
        }
        if (job.asksForSession()) {
            other.letGo(session);
        }
        return true;
    }

    /** Lets another replica have a session, as soon as there is room to park it. */
    private void letGo(Session session) {
        calls.tryUntilDone(
                () -> {
                    boolean gone = placement.letGo(session);
                    if (gone) {
                        sessions.wakeEngines();
                    }
                    return gone;
                },
                wake);
    }

    /** A job has a sequence here, and so has its session. For the replica's thread. */
    void took(Job job) {
        if (job.session() != null) {
            job.session().home = this;
        }
    }
}
