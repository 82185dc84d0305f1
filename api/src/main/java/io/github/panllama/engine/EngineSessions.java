package io.github.panllama.engine;

import io.github.panllama.LlamaException;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of an engine: opened, saved, forked and forgotten, whichever replica they are at.
 *
 * <p><b>Threads.</b> Any.
 */
final class EngineSessions implements AutoCloseable {
    private final SessionHost engine;
    private final Replicas replicas;
    private final SessionStore store;
    private final @Nullable SessionFolder folder;
    private final @Nullable Thread disk;

    EngineSessions(SessionHost engine, Replicas replicas, SessionStore store, @Nullable SessionFolder folder) {
        this.engine = engine;
        this.replicas = replicas;
        this.store = store;
        this.folder = folder;
        store.wakes(replicas::wake);
        disk = folder == null
                ? null
                : Thread.ofPlatform()
                        .daemon()
                        .name("panllama-sessions")
                        .unstarted(new SessionDisk(store, folder, replicas::wake));
    }

    void start() {
        if (disk != null) {
            disk.start();
        }
    }

    Session open(String id) {
        Session session = new Session(engine, SessionFolder.checkId(id));
        store.add(session);
        try {
            // Nobody can have its file between the two.
            read(session);
            store.show(session);
            return session;
        } catch (IOException e) {
            store.remove(session, () -> {});
            throw new LlamaException("The session " + id + " cannot be read: " + e, e);
        } catch (RuntimeException | Error e) {
            store.remove(session, () -> {});
            throw e;
        }
    }

    private void read(Session session) throws IOException {
        SessionFile.Content content = folder == null ? null : folder.read(session.id());
        if (content == null) {
            return;
        }
        session.begin(content.tokens);
        if (content.copy != null) {
            store.opened(session, content.computed, content.copy);
        }
    }

    List<Session> all() {
        return store.open();
    }

    Session fork(Session source, String id) {
        Session fork = new Session(engine, SessionFolder.checkId(id));
        store.add(fork);
        try {
            if (folder != null && folder.has(id)) {
                throw new IllegalStateException("There is a saved session " + id);
            }
            fork.begin(source.conversation());
            park(source);
            store.share(source, fork);
            store.show(fork);
            return fork;
        } catch (RuntimeException | Error e) {
            store.remove(fork, () -> {});
            throw e;
        }
    }

    void save(Session session) {
        SessionFolder to = folder;
        if (to == null) {
            throw new IllegalStateException("The engine has no session folder: set sessionFolder in EngineOptions");
        }
        park(session);
        try {
            if (!store.save(session)) {
                SessionFile.Content tokens = new SessionFile.Content(session.conversation(), new int[0], null);
                store.withFile(session, () -> write(to, session, tokens));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LlamaException("The session " + session.id() + " is not saved: interrupted", e);
        }
    }

    private static void write(SessionFolder to, Session session, SessionFile.Content content) {
        try {
            to.write(session.id(), content, () -> false);
        } catch (IOException e) {
            throw new LlamaException("The session " + session.id() + " cannot be saved: " + e, e);
        }
    }

    /** Copies what a context has of a session to where all can get it, and waits until there is room for that. */
    private void park(Session session) {
        SessionHome home = session.home;
        if (home == null) {
            return;
        }
        try {
            while (!home.call(placement -> placement.park(session))) {
                store.awaitRoom(home.call(placement -> placement.size(session)));
                // Where there was room, a step has to end first.
                Thread.sleep(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LlamaException("The session " + session.id() + " is not parked: interrupted", e);
        }
    }

    void forget(Session session) {
        boolean deletes = folder != null;
        try {
            forgetEverywhere(session);
        } catch (EngineClosedException e) {
            deletes = false; // the file may be another engine's by now
        }
        store.remove(session, deletes ? () -> delete(session) : () -> {});
    }

    /** A generation of it that was cancelled may be at one replica, and what was computed at another. */
    private void forgetEverywhere(Session session) {
        List<CompletableFuture<Void>> calls = replicas.all().stream()
                .map(replica -> replica.home().start(placement -> placement.forget(session)))
                .toList();
        calls.forEach(LoopCalls::await);
    }

    private void delete(Session session) {
        try {
            Objects.requireNonNull(folder).delete(session.id());
        } catch (IOException e) {
            throw new LlamaException("The file of the session " + session.id() + " cannot be deleted: " + e, e);
        }
    }

    EngineStats.Sessions stats() {
        return store.stats();
    }

    /** Waits for the disk, which ends with the replicas; nobody may write to a folder that others can use. */
    @Override
    public void close() {
        boolean interrupted = disk != null && Replica.join(disk);
        if (folder != null) {
            folder.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
