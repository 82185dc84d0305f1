package io.github.panllama.engine;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whose the states are that are kept of sessions, and which of them go from memory for what needs the room.
 *
 * <p><b>Threads.</b> Those that hold the lock of its {@link SessionStore}.
 */
final class ParkedStates {
    private final HostMemory host;
    private final DiskQueue disk;
    private final boolean hasDisk;
    /** Tells those who wait for the lock that something is different. */
    private final Runnable changed;
    /** Room that threads wait for. */
    private final Map<Thread, Long> demands = new HashMap<>();

    /** Tells the engine's threads that a job can begin which could not. */
    private Runnable wake = () -> {};

    ParkedStates(HostMemory host, DiskQueue disk, boolean hasDisk, Runnable changed) {
        this.host = host;
        this.disk = disk;
        this.hasDisk = hasDisk;
        this.changed = changed;
    }

    /** How the engine's threads are told that a job can begin which could not. */
    void wakes(Runnable wakeEngines) {
        wake = wakeEngines;
    }

    /** Tells them. */
    void wakeEngines() {
        wake.run();
    }

    // Whose they are

    /** From now on that is what is kept of the session. */
    void own(Session session, Parked parked) {
        session.parked = parked;
        parked.owners.add(session);
    }

    /** The session goes on, and what was kept of it is of the past. */
    void release(Session session) {
        Parked parked = session.parked;
        session.parked = null;
        if (parked == null) {
            return;
        }
        parked.owners.remove(session);
        parked.written.remove(session);
        // Another owner whose generation waits for it as well is woken by that, and asks again.
        unpin(parked);
        if (parked.owners.isEmpty()) {
            disk.unsave(parked);
            drop(parked);
        }
        changed.run();
    }

    /** It is kept of nobody any more. */
    void lose(Parked parked) {
        List.copyOf(parked.owners).forEach(this::release);
    }

    // In memory

    /** There is more room, which another replica may wait for. */
    private void drop(Parked parked) {
        host.drop(parked);
        wake.run();
    }

    /** No generation waits for it, so that it may go. */
    void unpin(Parked parked) {
        disk.unwant(parked);
        if (host.pin(parked, false)) {
            wake.run();
        }
    }

    /** Whether so much fits beside what is being read. */
    boolean fits(long bytes) {
        return host.fits(disk.arriving() + bytes);
    }

    /** Lets what is on the disk too, and what the disk refuses, go from memory until so much fits. */
    private void dropUntil(long bytes, boolean pinnedToo) {
        if (fits(bytes)) {
            return;
        }
        for (Parked parked : host.states()) {
            if (fits(bytes)) {
                return;
            }
            if (parked.failure != null) {
                lose(parked);
            } else if (disk.isDroppable(parked) && (pinnedToo || !parked.pinned)) {
                unpin(parked);
                drop(parked);
            }
        }
    }

    // Room that is needed

    /**
     * Whether so much can be parked now; if not, room is being made for this thread. What could never be kept needs none.
     */
    boolean hasRoom(long bytes) {
        if (!hasDisk || !host.couldFit(bytes)) {
            return true;
        }
        dropUntil(bytes, false);
        if (!fits(bytes) && host.fits(bytes - disk.droppable(host))) {
            // What is wanted next is read again, or it and what has to go for it would wait for each other.
            dropUntil(bytes, true);
        }
        boolean fits = fits(bytes);
        if (fits) {
            needsNoRoom();
        } else if (!Objects.equals(demands.put(Thread.currentThread(), bytes), bytes)) {
            changed.run();
        }
        return fits;
    }

    /** This thread does not wait for room any more. */
    void needsNoRoom() {
        demands.remove(Thread.currentThread());
    }

    /** What the disk is to do next; {@code null} for nothing. */
    @Nullable
    DiskTask pending() {
        long needed = demands.values().stream().mapToLong(Long::longValue).max().orElse(0);
        Parked wanted = disk.firstWanted();
        if (wanted != null) {
            dropUntil(wanted.bytes, false);
            if (fits(wanted.bytes)) {
                return new DiskTask.Read(
                        wanted, wanted.written.keySet().iterator().next());
            }
            needed = Math.max(needed, wanted.bytes);
        }
        DiskTask save = disk.firstSave();
        // Early, so that there is room before somebody has to wait for it.
        return save == null && hasDisk && host.isNearlyFull(needed) ? DiskQueue.firstWrite(host) : save;
    }
}
