package io.github.panllama.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Chooses the replica of an engine that computes a request: the one that has the fewest tokens to compute yet, waiting
 * and running, where tokens of the prompt that it has computed lately count in its favour, and having no free sequence
 * against it. It knows that from its own account, without asking anybody.
 *
 * <p><b>Threads.</b> Any.
 */
final class Router {
    private static final double FIRST_GUESS = 128;
    private static final double SMOOTHING = 0.05;
    private static final long[] NONE = {};

    private final boolean remembers;
    /** Tokens that a generation gets as a rule; the most that it may get says little. */
    private double usual = FIRST_GUESS;

    private long turn;

    /**
     * A router.
     *
     * @param remembers whether it matters what was computed where: not with one replica, or if nothing is kept
     */
    Router(boolean remembers) {
        this.remembers = remembers;
    }

    /** The blocks of a prompt, if it matters what they are. */
    long[] chain(int[] prompt, long seed) {
        return remembers ? PrefixIndex.chain(prompt, seed) : NONE;
    }

    /**
     * Places jobs that have one prompt. They stay together as long as there is a free sequence, if they share it.
     *
     * @param together whether what is computed for one of them serves the others
     * @return where each is, as a load that its replica has from now on
     */
    synchronized List<JobLoad> place(RoutedPrompt prompt, int count, boolean together) {
        List<JobLoad> placed = new ArrayList<>();
        ReplicaLoad chosen = null;
        for (int i = 0; i < count; i++) {
            if (chosen == null || !together || chosen.isFull()) {
                chosen = best(prompt);
            }
            int expected = (int) Math.min(prompt.maxTokens(), Math.ceil(usual));
            placed.add(new JobLoad(this, chosen, prompt, prompt.cached(chosen), expected));
            chosen.prefixes.add(prompt.chain());
            chosen.turn = ++turn;
        }
        return placed;
    }

    private ReplicaLoad best(RoutedPrompt prompt) {
        ReplicaLoad best = null;
        double least = 0;
        for (ReplicaLoad replica : prompt.able()) {
            double cost = cost(replica, prompt);
            // Among equals the one that rests longest, so that all caches are used.
            if (best == null || cost < least || (cost == least && replica.turn < best.turn)) {
                best = replica;
                least = cost;
            }
        }
        return Objects.requireNonNull(best);
    }

    private double cost(ReplicaLoad replica, RoutedPrompt prompt) {
        // As if a whole round of its sequences came first: a free one elsewhere would be idle meanwhile.
        double wait = replica.isFull() ? usual * replica.sequences() : 0;
        return replica.tokens() + wait - prompt.preference(replica);
    }

    /** A job has come to its end, with so many tokens. */
    synchronized void finished(int generated) {
        usual += SMOOTHING * (generated - usual);
    }

    /** What was computed for a job is in its replica's cache. */
    void computed(ReplicaLoad replica, int[] conversation, long seed) {
        long[] chain = chain(conversation, seed);
        if (chain.length > 0) {
            synchronized (this) {
                replica.prefixes.add(chain);
            }
        }
    }
}
