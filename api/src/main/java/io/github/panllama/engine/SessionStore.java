package io.github.panllama.engine;

import io.github.panllama.LlamaException;
import io.github.panllama.StateCopy;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where sessions are while no sequence of the context is theirs: in host memory up to a budget, and beyond that on the
 * disk, which a {@link SessionDisk} sees to. Without a disk, what was parked first is forgotten, and computed again when
 * it is needed. When the disk does not keep up, {@link #park} says so, and nothing is parked for a while.
 *
 * <p><b>Threads.</b> Any. Nothing here waits for the disk but what says so. Its lock may be held while a session's is
 * taken, never the other way round.
 */
final class SessionStore {
    /** After that many in vain, it is sooner computed. Replicas may take the room from each other for some time. */
    private static final int MOST_READS = 20;

    private final HostMemory host;
    private final boolean hasDisk;
    private final OpenSessions open = new OpenSessions();
    private final DiskQueue disk = new DiskQueue();
    private final ParkedStates states;

    private boolean closed;

    /**
     * A store.
     *
     * @param budget bytes of host memory
     */
    SessionStore(long budget, boolean hasDisk) {
        host = new HostMemory(budget);
        this.hasDisk = hasDisk;
        states = new ParkedStates(host, disk, hasDisk, this::notifyAll);
    }

    /** How the engine's threads are told that a job can begin which could not. They do not wait here, as others do. */
    synchronized void wakes(Runnable wakeEngines) {
        states.wakes(wakeEngines);
    }

    /** Tells them. */
    synchronized void wakeEngines() {
        states.wakeEngines();
    }

    // Which sessions there are

    /** From now on the id is taken; {@link #show} follows, or {@link #remove}. */
    synchronized void add(Session session) {
        if (closed) {
            throw new EngineClosedException(null);
        }
        open.take(session);
    }

    /** The session has what it begins with, and is open. */
    synchronized void show(Session session) {
        open.show(session);
    }

    /**
     * The session is no more.
     *
     * @param last done when the disk is not at its file, and before anybody can have its id
     */
    synchronized void remove(Session session, Runnable last) {
        awaitDisk(session);
        states.release(session);
        try {
            last.run();
        } finally {
            open.remove(session);
        }
    }

    /** Does something with a session's file, which the disk is not at. */
    synchronized void withFile(Session session, Runnable work) {
        awaitDisk(session);
        work.run();
    }

    private void awaitDisk(Session session) {
        boolean interrupted = false;
        while (disk.isAt(session)) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true; // it is a matter of one file
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    synchronized List<Session> open() {
        return open.all();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    // Parking and coming back

    /** Waits until so much fits. */
    synchronized void awaitRoom(long bytes) throws InterruptedException {
        try {
            while (!closed && !states.hasRoom(bytes)) {
                wait();
            }
        } finally {
            states.needsNoRoom();
        }
    }

    /**
     * Keeps what the context remembers of a session, if there is room now; answers whether there was.
     *
     * @param copied what is kept; nothing else takes the room meanwhile, and other replicas do not wait for it
     */
    boolean park(Session session, long bytes, Supplier<Parked> copied) {
        long reserved = host.couldFit(bytes) ? bytes : 0;
        synchronized (this) {
            if (!states.hasRoom(bytes)) {
                return false;
            }
            host.reserve(reserved);
        }
        Parked parked = null;
        try {
            parked = copied.get();
        } finally {
            arrived(session, parked, reserved);
        }
        return true;
    }

    /** It is copied; {@code null} if it could not be. */
    private synchronized void arrived(Session session, @Nullable Parked parked, long reserved) {
        host.reserve(-reserved);
        notifyAll();
        if (parked == null) {
            states.wakeEngines();
            return;
        }
        states.release(session);
        states.own(session, parked);
        if (closed || !host.couldFit(parked.bytes) || !open.has(session)) {
            states.lose(parked);
            return;
        }
        host.keep(parked, Objects.requireNonNull(parked.copy));
        while (!hasDisk && !host.couldFit(host.bytes())) {
            states.lose(host.states().getFirst());
        }
    }

    /** Keeps what was read of a session that has been opened. */
    synchronized void opened(Session session, int[] computed, StateCopy copy) {
        // Its own conversation goes on from it alone, shifted or not.
        Parked parked = new Parked(computed, true, copy.sizeInBytes());
        states.own(session, parked);
        parked.written.put(session, session.conversation());
        if (!closed && states.fits(parked.bytes)) {
            host.keep(parked, copy);
        } else {
            copy.close();
        }
    }

    /** What is kept of a session, if anything. */
    synchronized @Nullable Parked parked(Session session) {
        return session.parked;
    }

    /** Whether its copy is in memory. */
    synchronized boolean isHere(Parked parked) {
        return parked.copy != null;
    }

    /**
     * Has a copy read from the disk, where it is not in memory.
     *
     * @param may whether the disk may be asked for more
     * @return whether it is here, or on its way: not where too much is wanted already
     */
    synchronized boolean fetch(Parked parked, boolean may) {
        if (parked.copy == null && !parked.pinned && may && host.mayPin(parked) && !parked.owners.isEmpty()) {
            host.pin(parked, true);
            parked.reads++;
            disk.want(parked);
            notifyAll();
        }
        return parked.copy != null || parked.pinned;
    }

    /** Whether it had to go once after it was read, before it could be used. */
    synchronized boolean wasReadInVain(Parked parked) {
        return parked.reads > (parked.pinned ? 1 : 0);
    }

    /** Whether that happens again and again. */
    synchronized boolean isHopeless(Parked parked) {
        return parked.copy == null && !parked.pinned && parked.reads >= MOST_READS;
    }

    /**
     * Does something with a copy, which stays for as long as that takes; answers whether there was one. Other replicas do
     * not wait for it.
     */
    boolean use(Parked parked, Consumer<StateCopy> work) {
        StateCopy copy;
        synchronized (this) {
            copy = parked.copy;
            if (copy == null) {
                return false;
            }
            parked.users++;
        }
        boolean done = false;
        try {
            work.accept(copy);
            done = true;
        } finally {
            used(parked, copy, done);
        }
        return true;
    }

    private synchronized void used(Parked parked, StateCopy copy, boolean done) {
        parked.users--;
        if (done) {
            parked.reads = 0;
        }
        if (parked.users == 0) {
            if (parked.copy != copy) {
                copy.close();
            }
            // It can go now where somebody waits for its room.
            notifyAll();
            states.wakeEngines();
        }
    }

    /** The session goes on, and what was kept of it is of the past. Its file stays until there is a newer one. */
    synchronized void release(Session session) {
        states.release(session);
    }

    /** The generation that wanted it has ended without it. */
    synchronized void unpin(Session session) {
        if (session.parked != null) {
            session.parked.reads = 0;
            states.unpin(session.parked);
            notifyAll();
        }
    }

    /** Lets a fork begin with what is kept of its source in memory. */
    synchronized void share(Session source, Session target) {
        Parked parked = source.parked;
        if (parked != null && parked.copy != null) {
            states.own(target, parked);
            notifyAll();
        }
    }

    /** Blocks until what is parked of a session, and its conversation, are in its file; answers whether there is any. */
    synchronized boolean save(Session session) throws InterruptedException {
        Parked parked = session.parked;
        while (!closed && parked != null && session.parked == parked) {
            if (Arrays.equals(parked.written.get(session), session.conversation())) {
                states.unpin(parked);
                return true;
            }
            fetch(parked, true);
            if (isHere(parked)) {
                disk.save(parked);
                notifyAll();
            }
            if (parked.failure != null) {
                break;
            }
            try {
                wait();
            } catch (InterruptedException e) {
                states.unpin(parked);
                throw e;
            }
        }
        if (closed) {
            throw new EngineClosedException(null);
        }
        if (parked != null && parked.failure != null) {
            throw new LlamaException(
                    "The session " + session.id() + " cannot be saved: " + parked.failure, parked.failure);
        }
        return false;
    }

    // For the disk

    /** What the disk shall do next, once there is something; {@code null} at the end. */
    synchronized @Nullable DiskTask nextTask() throws InterruptedException {
        while (!closed) {
            DiskTask task = disk.run(states.pending());
            if (task != null) {
                return task;
            }
            wait();
        }
        return null;
    }

    /** The files have what was to be written. */
    synchronized void written(DiskTask.Write task) {
        disk.run(null);
        Parked parked = task.parked();
        task.conversations().forEach((session, conversation) -> {
            if (session.parked == parked) {
                parked.written.put(session, conversation);
            }
        });
        saved(parked);
        notifyAll();
    }

    /** Whoever waits for that sees what has become of it. */
    private void saved(Parked parked) {
        if (disk.unsave(parked)) {
            parked.reads = 0;
            states.unpin(parked);
        }
    }

    /** Here is what was wanted. */
    synchronized void read(DiskTask.Read task, StateCopy copy) {
        disk.run(null);
        Parked parked = task.parked();
        if (!closed && disk.unwant(parked) && !parked.owners.isEmpty()) {
            host.keep(parked, copy);
        } else {
            copy.close();
        }
        notifyAll();
    }

    /**
     * The disk has failed. What it could not read will be computed again; what it could not write stays while there is
     * room.
     *
     * @return whether anybody had a use for it
     */
    synchronized boolean failed(DiskTask task, Throwable failure) {
        disk.run(null);
        Parked parked = task.parked();
        boolean mattered = !closed && !parked.owners.isEmpty();
        parked.failure = failure;
        saved(parked);
        if (task instanceof DiskTask.Read) {
            states.lose(parked);
        }
        notifyAll();
        return mattered;
    }

    /** How many sessions are open, and where they are. */
    synchronized EngineStats.Sessions stats() {
        List<Session> all = open.all();
        long inMemory = all.stream()
                .filter(session -> session.parked != null && session.parked.copy != null)
                .count();
        long parked = all.stream().filter(session -> session.parked != null).count();
        return new EngineStats.Sessions(all.size(), (int) inMemory, (int) (parked - inMemory), host.bytes());
    }

    /** Frees all memory; the files stay. */
    synchronized void close() {
        closed = true;
        for (Parked parked : host.states()) {
            host.drop(parked);
        }
        notifyAll();
    }
}
