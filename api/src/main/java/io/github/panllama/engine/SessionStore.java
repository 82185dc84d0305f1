package io.github.panllama.engine;

import io.github.panllama.LlamaException;
import io.github.panllama.StateCopy;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where sessions are while no sequence of the context is theirs: in host memory up to a budget, and beyond that on the
 * disk, which a {@link SessionDisk} sees to. Without a disk, what was parked first is forgotten, and computed again when
 * it is needed. When the disk does not keep up, {@link #hasRoom} says so, and nothing is parked for a while.
 *
 * <p><b>Threads.</b> Any. Nothing here waits for the disk but what says so.
 */
final class SessionStore {
    private final long budget;
    private final boolean hasDisk;
    private final Map<String, Session> open = new HashMap<>();
    /** Those with a copy in host memory, the oldest first. */
    private final Set<Parked> host = new LinkedHashSet<>();
    /** Those that generations wait for, on the disk yet. */
    private final Set<Parked> wanted = new LinkedHashSet<>();
    /** Those that shall be on the disk, whether there is room or not. */
    private final Set<Parked> saving = new LinkedHashSet<>();

    private @Nullable Task running;
    private long hostBytes;
    private long pinnedBytes;
    /** Room that somebody waits for. */
    private long demand;

    private boolean closed;

    /**
     * A store.
     *
     * @param budget bytes of host memory
     */
    SessionStore(long budget, boolean hasDisk) {
        this.budget = budget;
        this.hasDisk = hasDisk;
    }

    /** Something for the disk to do. */
    sealed interface Task {
        /** The sessions whose files it touches. */
        List<Session> sessions();
    }

    record Write(Parked parked, StateCopy copy, List<Session> sessions) implements Task {}

    record Read(Parked parked, List<Session> sessions) implements Task {}

    /** From now on the id is taken. */
    synchronized void add(Session session) {
        if (closed) {
            throw new EngineClosedException(null);
        }
        if (open.putIfAbsent(session.id(), session) != null) {
            throw new IllegalStateException("The session " + session.id() + " is open already");
        }
    }

    /** The session is no more. Waits while the disk is at it. */
    synchronized void remove(Session session) {
        boolean interrupted = false;
        while (!closed && running != null && running.sessions().contains(session)) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true; // its file must not come back after this
            }
        }
        release(session);
        open.remove(session.id());
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    synchronized List<Session> open() {
        return List.copyOf(open.values());
    }

    /** Whether so much can be parked now; if not, room is being made. What could never be kept needs none. */
    synchronized boolean hasRoom(long bytes) {
        if (!hasDisk || bytes > budget) {
            return true;
        }
        dropWritten(budget - bytes, false);
        // What is wanted next is read again, or it and what has to go for it would wait for each other.
        dropWritten(budget - bytes, true);
        boolean fits = hostBytes + bytes <= budget;
        demand = fits ? 0 : bytes;
        if (!fits) {
            notifyAll();
        }
        return fits;
    }

    /** Waits for it. */
    synchronized void awaitRoom(long bytes) throws InterruptedException {
        while (!closed && !hasRoom(bytes)) {
            wait();
        }
    }

    /** Keeps what the context remembers of a session. */
    synchronized void park(Session session, Parked parked) {
        release(session);
        own(session, parked);
        if (closed || parked.bytes > budget || !open.containsKey(session.id())) {
            lose(parked);
            return;
        }
        keep(parked, Objects.requireNonNull(parked.copy));
        while (!hasDisk && hostBytes > budget) {
            lose(host.iterator().next());
        }
        notifyAll();
    }

    /** Keeps what was read of a session that has been opened. */
    synchronized void opened(Session session, int[] tokens, StateCopy copy) {
        // Its own conversation goes on from it alone, shifted or not.
        Parked parked = new Parked(tokens, true, copy.sizeInBytes());
        own(session, parked);
        parked.written.add(session);
        if (!closed && hostBytes + demand + parked.bytes <= budget) {
            keep(parked, copy);
        } else {
            copy.close();
        }
    }

    /** What is kept of a session, if anything. */
    synchronized @Nullable Parked parked(Session session) {
        return session.parked;
    }

    /** Its copy; {@code null} while that is on the disk, from where it is then fetched. */
    synchronized @Nullable StateCopy copy(Parked parked) {
        boolean fits = pinnedBytes == 0 || pinnedBytes + parked.bytes <= budget / 2;
        if (parked.copy == null && !parked.pinned && fits) {
            pin(parked, true);
            wanted.add(parked);
            notifyAll();
        }
        return parked.copy;
    }

    /** The session goes on, and what was kept of it is of the past. Its file stays until there is a newer one. */
    synchronized void release(Session session) {
        Parked parked = session.parked;
        session.parked = null;
        if (parked == null) {
            return;
        }
        parked.owners.remove(session);
        parked.written.remove(session);
        if (parked.owners.isEmpty()) {
            unpin(parked);
            saving.remove(parked);
            drop(parked);
            notifyAll();
        }
    }

    /** The generation that wanted it has ended without it. */
    synchronized void unpin(Session session) {
        if (session.parked != null) {
            unpin(session.parked);
            notifyAll();
        }
    }

    /** Lets a fork begin with what is kept of its source in memory. */
    synchronized void share(Session source, Session target) {
        Parked parked = source.parked;
        if (parked != null && parked.copy != null) {
            own(target, parked);
            notifyAll();
        }
    }

    /** Blocks until what is parked of a session is in its file. */
    synchronized void save(Session session) throws InterruptedException {
        Parked parked = session.parked;
        while (!closed && parked != null && session.parked == parked && !parked.written.contains(session)) {
            saving.add(parked);
            notifyAll();
            wait();
        }
        if (closed) {
            throw new EngineClosedException(null);
        }
        if (parked != null && parked.failure != null) {
            throw new LlamaException(
                    "The session " + session.id() + " cannot be saved: " + parked.failure, parked.failure);
        }
    }

    /** What the disk shall do next, once there is something; {@code null} at the end. */
    synchronized @Nullable Task nextTask() throws InterruptedException {
        while (!closed) {
            running = pending();
            if (running != null) {
                return running;
            }
            wait();
        }
        return null;
    }

    private @Nullable Task pending() {
        long needed = demand;
        if (!wanted.isEmpty()) {
            Parked parked = wanted.iterator().next();
            dropWritten(budget - parked.bytes, false);
            if (hostBytes + parked.bytes <= budget) {
                return new Read(parked, List.copyOf(parked.written));
            }
            needed = Math.max(needed, parked.bytes);
        }
        for (Parked parked : saving) {
            if (parked.copy != null && !parked.isOnDisk()) {
                return new Write(parked, parked.copy, parked.unwritten());
            }
        }
        // Early, so that there is room before somebody has to wait for it.
        if (hasDisk && hostBytes + Math.max(needed, budget / 4) > budget) {
            for (Parked parked : host) {
                if (parked.copy != null && !parked.isOnDisk()) {
                    return new Write(parked, parked.copy, parked.unwritten());
                }
            }
        }
        return null;
    }

    /** The files have what was to be written. */
    synchronized void written(Write task) {
        running = null;
        Parked parked = task.parked();
        for (Session session : task.sessions()) {
            if (session.parked == parked) {
                parked.written.add(session);
            }
        }
        saving.remove(parked);
        notifyAll();
    }

    /** Here is what was wanted. */
    synchronized void read(Read task, StateCopy copy) {
        running = null;
        Parked parked = task.parked();
        if (!closed && wanted.remove(parked) && !parked.owners.isEmpty()) {
            keep(parked, copy);
        } else {
            copy.close();
        }
        notifyAll();
    }

    /** The disk has failed; what it was about is lost, and will be computed again. */
    synchronized void failed(Task task, Exception failure) {
        running = null;
        Parked parked = switch (task) {
            case Write write -> write.parked();
            case Read read -> read.parked();
        };
        parked.failure = failure;
        lose(parked);
        notifyAll();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    private void lose(Parked parked) {
        List.copyOf(parked.owners).forEach(this::release);
    }

    private void own(Session session, Parked parked) {
        session.parked = parked;
        parked.owners.add(session);
    }

    private void pin(Parked parked, boolean pinned) {
        if (parked.pinned != pinned) {
            parked.pinned = pinned;
            pinnedBytes += pinned ? parked.bytes : -parked.bytes;
        }
    }

    private void unpin(Parked parked) {
        pin(parked, false);
        wanted.remove(parked);
    }

    private void keep(Parked parked, StateCopy copy) {
        parked.copy = copy;
        host.add(parked);
        hostBytes += parked.bytes;
    }

    private void drop(Parked parked) {
        if (parked.copy != null) {
            parked.copy.close();
            parked.copy = null;
            hostBytes -= host.remove(parked) ? parked.bytes : 0;
        }
    }

    /** Lets what is on the disk too go from memory, until no more than that is taken. */
    private void dropWritten(long target, boolean pinnedToo) {
        if (hostBytes <= target) {
            return;
        }
        for (Parked parked : List.copyOf(host)) {
            if (hostBytes > target && parked.isOnDisk() && (pinnedToo || !parked.pinned)) {
                unpin(parked);
                drop(parked);
            }
        }
    }

    /** How many sessions are open, and where they are. */
    synchronized EngineStats.Sessions stats() {
        return new EngineStats.Sessions(
                open.size(),
                (int) open.values().stream()
                        .filter(session -> session.parked != null && session.parked.copy != null)
                        .count(),
                (int) open.values().stream()
                        .filter(session -> session.parked != null && session.parked.copy == null)
                        .count(),
                hostBytes);
    }

    /** Frees all memory; the files stay. */
    synchronized void close() {
        closed = true;
        for (Parked parked : List.copyOf(host)) {
            drop(parked);
        }
        notifyAll();
    }
}
