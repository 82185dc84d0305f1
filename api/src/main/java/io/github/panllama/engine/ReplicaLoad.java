package io.github.panllama.engine;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a replica has to do, as a {@link Router} sees it.
 *
 * <p><b>Threads.</b> Any; what the router alone uses is behind its lock.
 */
final class ReplicaLoad {
    private final int index;
    private final int sequences;
    private final AtomicLong tokens = new AtomicLong();
    private final AtomicInteger jobs = new AtomicInteger();

    /** The router's. */
    final PrefixIndex prefixes;

    /** The router's: when something was placed here last. */
    long turn;

    /**
     * A load.
     *
     * @param index of the replica in its engine
     * @param sequences that it computes at the same time
     * @param cells tokens that its KV cache holds
     */
    ReplicaLoad(int index, int sequences, int cells) {
        this.index = index;
        this.sequences = sequences;
        prefixes = new PrefixIndex(cells);
    }

    int index() {
        return index;
    }

    int sequences() {
        return sequences;
    }

    /** Tokens that are to be computed still, of those that wait and those that run. */
    long tokens() {
        return tokens.get();
    }

    /** Whether one job more would have to wait for a sequence. */
    boolean isFull() {
        return jobs.get() >= sequences;
    }

    void begin(int jobTokens) {
        jobs.incrementAndGet();
        tokens.addAndGet(jobTokens);
    }

    void change(int difference) {
        tokens.addAndGet(difference);
    }

    void end() {
        jobs.decrementAndGet();
    }
}
