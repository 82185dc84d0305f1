package io.github.panllama.engine;

import io.github.panllama.InvalidStateException;
import io.github.panllama.StateCopy;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Map;

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
            for (DiskTask task = store.nextTask(); task != null; task = store.nextTask()) {
                work(task);
                wakeEngine.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void work(DiskTask task) {
        try {
            switch (task) {
                case DiskTask.Write write -> {
                    write(write);
                    store.written(write);
                }
                case DiskTask.Read read -> store.read(read, read(read));
            }
        } catch (Throwable e) {
            // Also where there is no memory: without this thread, everybody who waits for it would wait for ever.
            if (store.failed(task, e)) {
                LOG.log(Level.WARNING, "A session cannot be kept on the disk, and may have to be computed again", e);
            }
        }
    }

    private void write(DiskTask.Write write) throws IOException {
        for (Map.Entry<Session, int[]> one : write.conversations().entrySet()) {
            ParkEvent event = ParkEvent.start();
            folder.write(
                    one.getKey().id(),
                    new SessionFile.Content(one.getValue(), write.parked().tokens, write.copy()),
                    store::isClosed);
            if (event != null) {
                event.toDisk(one.getKey(), write.parked());
            }
        }
    }

    private StateCopy read(DiskTask.Read read) throws IOException {
        UnparkEvent event = UnparkEvent.start();
        String id = read.session().id();
        SessionFile.Content content = folder.read(id);
        if (content == null || content.copy == null) {
            throw new NoSuchFileException(id);
        }
        if (!Arrays.equals(content.computed, read.parked().tokens)) {
            content.copy.close();
            throw new InvalidStateException("The file of the session " + id + " was exchanged");
        }
        if (event != null) {
            event.fromDisk(read.session(), read.parked());
        }
        return content.copy;
    }
}
