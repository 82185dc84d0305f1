package io.github.panllama.engine;

import io.github.panllama.StateCopy;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The states that are in host memory, under a budget. A part of it is for those that are pinned: generations wait for
 * them.
 *
 * <p><b>Threads.</b> Those that hold the lock of its {@link SessionStore}.
 */
final class HostMemory {
    private final long budget;
    /** The oldest first. */
    private final Set<Parked> states = new LinkedHashSet<>();

    private long bytes;
    /** Room for what is being copied out of a context. */
    private long reservedBytes;

    private long pinnedBytes;

    HostMemory(long budget) {
        this.budget = budget;
    }

    /** Whether so much more fits now. */
    boolean fits(long more) {
        return bytes + reservedBytes + more <= budget;
    }

    /** Whether so much fits where nothing else is. */
    boolean couldFit(long all) {
        return all <= budget;
    }

    /** Whether little is free, so that the disk should take something over. */
    boolean isNearlyFull(long wanted) {
        return bytes + reservedBytes + Math.max(wanted, budget / 4) > budget;
    }

    /** Keeps room for what is on its way, or gives it back. */
    void reserve(long more) {
        reservedBytes += more;
    }

    /** What all states take. */
    long bytes() {
        return bytes;
    }

    /** The states, the oldest first. */
    List<Parked> states() {
        return List.copyOf(states);
    }

    /** Takes a copy in. */
    void keep(Parked parked, StateCopy copy) {
        parked.copy = copy;
        states.add(parked);
        bytes += parked.bytes;
    }

    /** Frees a copy, if there is one; where it is being used, its last user does. */
    void drop(Parked parked) {
        if (parked.copy != null) {
            if (parked.users == 0) {
                parked.copy.close();
            }
            parked.copy = null;
            bytes -= states.remove(parked) ? parked.bytes : 0;
        }
    }

    /** Whether one more may be pinned: one in any case, and more in half of the memory. */
    boolean mayPin(Parked parked) {
        return pinnedBytes == 0 || pinnedBytes + parked.bytes <= budget / 2;
    }

    /** Pins a state or lets it go; answers whether that changed anything. */
    boolean pin(Parked parked, boolean pinned) {
        if (parked.pinned == pinned) {
            return false;
        }
        parked.pinned = pinned;
        pinnedBytes += pinned ? parked.bytes : -parked.bytes;
        return true;
    }
}
