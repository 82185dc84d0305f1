package io.github.panllama.engine;

import io.github.panllama.StateCopy;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the context remembered of a sequence, outside the context: in host memory, and for a session on the disk, or both.
 * Forks of a session share it until they go on.
 *
 * <p><b>Threads.</b> The engine's, and of a session those who hold the lock of its {@link SessionStore}.
 */
final class Parked {
    /** What was computed. */
    final int[] tokens;

    /** Whether tokens in the middle were forgotten: see {@link Slot#isShifted}. */
    final boolean shifted;

    /** What the copy takes in host memory. */
    final long bytes;

    final Set<Session> owners = new HashSet<>();
    /** The owners whose file has it, with the conversation that stands there. */
    final Map<Session, int[]> written = new HashMap<>();

    @Nullable
    StateCopy copy;
    /** A generation waits for it: it stays in memory, or is on its way there. */
    boolean pinned;

    /** Replicas that copy it into a context at this moment. */
    int users;
    /** How often it was read from the disk. */
    int reads;

    /** Why the disk could not keep it. */
    @Nullable
    Throwable failure;

    Parked(int[] tokens, boolean shifted, long bytes) {
        this.tokens = tokens;
        this.shifted = shifted;
        this.bytes = bytes;
    }

    boolean isOnDisk() {
        return written.keySet().containsAll(owners);
    }

    /** How many tokens it begins with that a prompt begins with too. */
    int common(int[] prompt) {
        return Slot.common(tokens, tokens.length, prompt);
    }
}
