package io.github.panllama.engine;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the disk has to read and to write, and what it is at.
 *
 * <p><b>Threads.</b> Those that hold the lock of its {@link SessionStore}.
 */
final class DiskQueue {
    /** Those that generations or saves wait for, on the disk yet. */
    private final Set<Parked> wanted = new LinkedHashSet<>();
    /** Those that shall be on the disk, whether there is room or not. */
    private final Set<Parked> saving = new LinkedHashSet<>();

    private @Nullable DiskTask running;

    /** It is to be read. */
    void want(Parked parked) {
        wanted.add(parked);
    }

    /** It is not to be read any more; answers whether it was. */
    boolean unwant(Parked parked) {
        return wanted.remove(parked);
    }

    /** What is to be read first. */
    @Nullable
    Parked firstWanted() {
        return wanted.isEmpty() ? null : wanted.iterator().next();
    }

    /** It is to be written. */
    void save(Parked parked) {
        saving.add(parked);
    }

    /** It is not to be written any more; answers whether it was. */
    boolean unsave(Parked parked) {
        return saving.remove(parked);
    }

    /** The first thing to be written of what is to be saved. */
    @Nullable
    DiskTask firstSave() {
        for (Parked parked : saving) {
            DiskTask task = write(parked);
            if (task != null) {
                return task;
            }
        }
        return null;
    }

    /** The first thing to be written of what is in memory alone. */
    static @Nullable DiskTask firstWrite(HostMemory host) {
        for (Parked parked : host.states()) {
            DiskTask task = parked.isOnDisk() ? null : write(parked);
            if (task != null) {
                return task;
            }
        }
        return null;
    }

    /** What there is to write of a state; {@code null} for nothing, and for what the disk has refused. */
    private static @Nullable DiskTask write(Parked parked) {
        Map<Session, int[]> conversations = new LinkedHashMap<>();
        for (Session session : parked.owners) {
            int[] conversation = session.conversation();
            if (!Arrays.equals(parked.written.get(session), conversation)) {
                conversations.put(session, conversation);
            }
        }
        return parked.copy == null || parked.failure != null || conversations.isEmpty()
                ? null
                : new DiskTask.Write(parked, parked.copy, conversations);
    }

    /** The disk is at this now; {@code null} for nothing. */
    @Nullable
    DiskTask run(@Nullable DiskTask task) {
        running = task;
        return task;
    }

    /** Whether it is at the file of a session. */
    boolean isAt(Session session) {
        return running != null && running.isAt(session);
    }

    /** Bytes that will be in memory when what is being read is. */
    long arriving() {
        return running instanceof DiskTask.Read read ? read.parked().bytes : 0;
    }

    /** Whether a copy in memory can go: it is on the disk too, and is neither being used nor about to be written again. */
    boolean isDroppable(Parked parked) {
        boolean beingWritten = running instanceof DiskTask.Write write && write.parked() == parked;
        return parked.isOnDisk() && !beingWritten && parked.users == 0 && !saving.contains(parked);
    }

    /** Bytes in memory that can go: they are on the disk too, or will never be. */
    long droppable(HostMemory host) {
        return host.states().stream()
                .filter(parked -> isDroppable(parked) || parked.failure != null)
                .mapToLong(parked -> parked.bytes)
                .sum();
    }
}
