package io.github.panllama.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A prompt, and where it may be computed. */
final class RoutedPrompt {
    private final List<ReplicaLoad> able;
    private final int tokens;
    private final int maxTokens;
    private final long seed;
    private final long[] chain;
    private final int continued;
    private final @Nullable ReplicaLoad home;

    /**
     * A prompt.
     *
     * @param able the replicas that can compute it; at least one
     * @param maxTokens the most tokens to generate
     * @param seed tells it from prompts that are computed differently, as with other adapters
     * @param chain its blocks, {@link PrefixIndex#chain}; none where nothing is shared
     * @param continued tokens of it that are of a session's past
     * @param home the replica that has the session in a sequence, if one has
     */
    RoutedPrompt(
            List<ReplicaLoad> able,
            int tokens,
            int maxTokens,
            long seed,
            long[] chain,
            int continued,
            @Nullable ReplicaLoad home) {
        this.able = able;
        this.tokens = tokens;
        this.maxTokens = maxTokens;
        this.seed = seed;
        this.chain = chain;
        this.continued = continued;
        this.home = home;
    }

    List<ReplicaLoad> able() {
        return able;
    }

    int tokens() {
        return tokens;
    }

    int maxTokens() {
        return maxTokens;
    }

    long seed() {
        return seed;
    }

    long[] chain() {
        return chain;
    }

    /** How many tokens of it a replica has, or can have without computing them. */
    int cached(ReplicaLoad replica) {
        // A session's state can be moved everywhere.
        return continued > 0 ? continued : replica.prefixes.common(chain);
    }

    /** What a replica is to be preferred for, in tokens. */
    long preference(ReplicaLoad replica) {
        if (continued > 0) {
            return replica == home ? continued : 0;
        }
        // They are neither waited for, nor does the engine compute them.
        return 2L * cached(replica);
    }
}
