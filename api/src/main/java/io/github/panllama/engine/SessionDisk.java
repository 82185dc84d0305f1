package io.github.panllama.engine;

import io.github.panllama.InvalidStateException;
import io.github.panllama.StateCopy;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;

/** Does what a {@link SessionStore} wants of the disk, one thing after another, on a thread of its own. */
final class SessionDisk implements Runnable {
    private static final System.Logger LOG = System.getLogger("io.github.panllama");

    private final SessionStore store;
    private final SessionFolder folder;
    private final Runnable wakeEngine;

    /**
     * A disk.
     *
     * @param wakeEngine tells the engine that there is room, or that something was read
     */
    SessionDisk(SessionStore store, SessionFolder folder, Runnable wakeEngine) {
        this.store = store;
        this.folder = folder;
        this.wakeEngine = wakeEngine;
    }

    @Override
    public void run() {
        try {
            for (SessionStore.Task task = store.nextTask(); task != null; task = store.nextTask()) {
                work(task);
                wakeEngine.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void work(SessionStore.Task task) {
        try {
            switch (task) {
                case SessionStore.Write write -> {
                    for (Session session : write.sessions()) {
                        write(session, write);
                    }
                    store.written(write);
                }
                case SessionStore.Read read -> store.read(read, read(read));
            }
        } catch (IOException | RuntimeException e) {
            if (!store.isClosed()) {
                LOG.log(Level.WARNING, "A session is lost on the disk, and will be computed again", e);
            }
            store.failed(task, e);
        }
    }

    private void write(Session session, SessionStore.Write write) throws IOException {
        folder.write(session.id(), new SessionFile.Content(session.tokens(), write.parked().tokens, write.copy()));
    }

    private StateCopy read(SessionStore.Read read) throws IOException {
        Session session = read.sessions().getFirst();
        SessionFile.Content content = folder.read(session.id());
        if (content == null || content.copy == null) {
            throw new NoSuchFileException(session.id());
        }
        if (!Arrays.equals(content.computed, read.parked().tokens)) {
            content.copy.close();
            throw new InvalidStateException("The file of the session " + session.id() + " was exchanged");
        }
        return content.copy;
    }
}
