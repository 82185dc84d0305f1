package io.github.panllama.engine;

/**
 * What a job still costs its replica, in tokens: those of its prompt that are not in the KV cache, and those that it will
 * probably generate.
 *
 * <p><b>Threads.</b> As its job.
 */
final class JobLoad {
    private final Router router;
    private final ReplicaLoad replica;
    private final int promptTokens;
    private final int expected;
    private final long seed;
    private int left;
    private boolean ended;

    /**
     * The load of a job that has been placed.
     *
     * @param cached tokens of its prompt that are expected to be in the cache
     * @param expected tokens that it will probably generate
     */
    JobLoad(Router router, ReplicaLoad replica, RoutedPrompt prompt, int cached, int expected) {
        this.router = router;
        this.replica = replica;
        this.expected = expected;
        promptTokens = prompt.tokens();
        seed = prompt.seed();
        left = promptTokens - cached + expected;
        replica.begin(left);
    }

    ReplicaLoad replica() {
        return replica;
    }

    /** It has a sequence, with so much of its prompt. */
    void begun(int cached) {
        leave(promptTokens - cached + expected);
    }

    /** It has so many tokens by now. */
    void generated(int count) {
        leave(Math.max(1, expected - count));
    }

    private void leave(int tokens) {
        if (!ended && tokens != left) {
            replica.change(tokens - left);
            left = tokens;
        }
    }

    /** It has come to its end, and what was computed for it may serve others. */
    void finished(int count, int[] conversation) {
        router.finished(count);
        router.computed(replica, conversation, seed);
    }

    /** It costs nothing any more. May be called twice. */
    void end() {
        if (!ended) {
            leave(0);
            ended = true;
            replica.end();
        }
    }
}
