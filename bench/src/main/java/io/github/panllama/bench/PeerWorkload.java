package io.github.panllama.bench;

/**
 * What the engine and its peers do alike. Lengths count tokens.
 *
 * @param prompt of each request
 * @param generate for each request
 * @param parallel requests in flight
 */
public record PeerWorkload(int prompt, int generate, int parallel) {
    private static final int ROUNDS = 2;
    private static final int LEAST_REQUESTS = 8;
    private static final int MOST_PHASES = 8;

    /** A shorter one, to choose settings by. */
    PeerWorkload brief() {
        return new PeerWorkload(prompt, Math.max(16, generate / 4), parallel);
    }

    int length() {
        return prompt + generate;
    }

    /** Tokens of all that are in flight. */
    public int contextSize() {
        return parallel * length();
    }

    /** Requests of a load. */
    int requests() {
        return Math.max(LEAST_REQUESTS, ROUNDS * parallel);
    }

    /** How often decode alone is measured in a round: small runs more often. */
    int phases() {
        return Math.clamp(64 / parallel, 1, MOST_PHASES);
    }
}
