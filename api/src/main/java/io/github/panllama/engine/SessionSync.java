package io.github.panllama.engine;

import io.github.panllama.internal.worker.FrameReader;
import io.github.panllama.internal.worker.FrameWriter;
import io.github.panllama.internal.worker.ProtocolException;
import java.util.Arrays;

/** How one side tells the other what a conversation has become: what stays at its beginning, and what follows. */
final class SessionSync {
    private final int base;
    private final int[] tail;

    private SessionSync(int base, int[] tail) {
        this.base = base;
        this.tail = tail;
    }

    /** Writes what makes {@code after} of {@code before}. */
    static void write(int[] before, int[] after, FrameWriter out) {
        int mismatch = Arrays.mismatch(before, after);
        int base = mismatch < 0 ? after.length : mismatch;
        out.putInt(base);
        out.putInts(after, base, after.length);
    }

    static SessionSync read(FrameReader in) throws ProtocolException {
        return new SessionSync(
                in.getInt("tokens that stay", 0, Integer.MAX_VALUE), in.getInts("tokens that follow", Wire.MAX_LIST));
    }

    /**
     * The conversation after it.
     *
     * @throws IllegalStateException if the other side has meant another conversation
     */
    int[] apply(int[] before) {
        if (base > before.length) {
            throw new IllegalStateException(
                    "The conversation has %d tokens here, and %d on the other side".formatted(before.length, base));
        }
        int[] after = Arrays.copyOf(before, base + tail.length);
        System.arraycopy(tail, 0, after, base, tail.length);
        return after;
    }
}
