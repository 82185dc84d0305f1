package io.github.panllama.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of an isolated engine. Their conversations are here; what is computed of them is in the worker.
 *
 * <p><b>Threads.</b> Any.
 */
final class RemoteSessions implements SessionHost {
    /** Submits a request that goes on with a session. */
    @FunctionalInterface
    interface Submitter {
        Generation submit(CompletionRequest request, RemoteSession session, int[] conversation);
    }

    private final Workers workers;
    private final Submitter submitter;
    private final boolean hasFolder;
    private final Map<String, RemoteSession> byId = new ConcurrentHashMap<>();

    /**
     * No sessions yet.
     *
     * @param hasFolder whether sessions may have files
     */
    RemoteSessions(Workers workers, Submitter submitter, boolean hasFolder) {
        this.workers = workers;
        this.submitter = submitter;
        this.hasFolder = hasFolder;
    }

    Session open(String id) {
        RemoteSession remote = take(id);
        try {
            WorkerClient client = workers.await();
            int[] conversation = client.call(
                    Wire.CALL_OPEN, out -> out.putString(id), in -> in.getInts("conversation", Wire.MAX_LIST));
            remote.session().begin(conversation);
            remote.isAt(client, conversation);
            remote.show();
            return remote.session();
        } catch (RuntimeException | Error e) {
            byId.remove(id, remote);
            throw e;
        }
    }

    private RemoteSession take(String id) {
        RemoteSession remote = new RemoteSession(new Session(this, SessionFolder.checkId(id)));
        if (byId.putIfAbsent(id, remote) != null) {
            throw new IllegalStateException("The session " + id + " is open already");
        }
        return remote;
    }

    /** Those that are open, in no order. */
    List<Session> all() {
        List<Session> open = new ArrayList<>();
        for (RemoteSession remote : byId.values()) {
            if (remote.isShown()) {
                open.add(remote.session());
            }
        }
        return List.copyOf(open);
    }

    private RemoteSession of(Session session) {
        @Nullable RemoteSession remote = byId.get(session.id());
        if (remote == null || remote.session() != session) {
            throw new IllegalStateException("The session " + session.id() + " is closed");
        }
        return remote;
    }

    @Override
    public Generation generate(CompletionRequest request, Session session, int[] conversation) {
        RemoteSession remote = of(session);
        try {
            return submitter.submit(request, remote, conversation);
        } catch (RuntimeException | Error e) {
            remote.isLost();
            throw e;
        }
    }

    @Override
    public Session fork(Session source, String id) {
        RemoteSession from = of(source);
        RemoteSession fork = take(id);
        try {
            WorkerClient client = workers.await();
            int[] conversation = source.conversation();
            use(from, client, Wire.CALL_FORK, id);
            fork.session().begin(conversation);
            fork.isAt(client, conversation);
            fork.show();
            return fork.session();
        } catch (RuntimeException | Error e) {
            byId.remove(id, fork);
            throw e;
        }
    }

    @Override
    public void save(Session session) {
        use(of(session), workers.await(), Wire.CALL_SAVE, null);
    }

    /** Calls for something to be done with a session, and with another id. */
    private static void use(RemoteSession remote, WorkerClient client, int call, @Nullable String other) {
        try {
            boolean _ = client.call(
                    call,
                    out -> {
                        remote.write(client, remote.session().conversation(), out);
                        if (other != null) {
                            out.putString(other);
                        }
                    },
                    _ -> true);
        } catch (RuntimeException | Error e) {
            remote.isLost();
            throw e;
        }
    }

    @Override
    public void forget(Session session) {
        RemoteSession remote = of(session);
        try {
            @Nullable WorkerClient client = hasFolder ? workers.await() : workers.current();
            if (client != null) {
                boolean _ = client.call(Wire.CALL_FORGET, out -> out.putString(session.id()), _ -> true);
            }
        } catch (EngineClosedException e) {
            return; // the file may be another engine's by now
        } catch (EngineCrashedException e) {
            forgetFile(session);
        } finally {
            byId.remove(session.id(), remote);
        }
    }

    /** The worker has crashed while it was to forget the session: the next one forgets what is left of it. */
    private void forgetFile(Session session) {
        if (hasFolder) {
            boolean _ = workers.await().call(Wire.CALL_FORGET, out -> out.putString(session.id()), _ -> true);
        }
    }
}
