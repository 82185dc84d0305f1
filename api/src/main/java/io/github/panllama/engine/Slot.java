package io.github.panllama.engine;

import io.github.panllama.LoraAdapter;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One sequence of the context: the tokens that its memory holds, the job that it serves, if any, and the session whose
 * conversation they are, if any.
 */
final class Slot {
    private final int sequence;
    private int[] tokens = new int[64];
    private int length;
    private int planned;
    private Map<LoraAdapter, Float> adapters = Map.of();
    private @Nullable Job job;
    private @Nullable Session session;
    private long turn;
    /** Whether tokens in its middle were forgotten: what follows them was computed with them. */
    private boolean shifted;

    Slot(int sequence) {
        this.sequence = sequence;
    }

    int sequence() {
        return sequence;
    }

    /** Tokens in its memory. */
    int length() {
        return length;
    }

    @Nullable
    Job job() {
        return job;
    }

    boolean isIdle() {
        return job == null;
    }

    /** Whether its memory was computed with adapters. */
    boolean hasAdapters() {
        return !adapters.isEmpty();
    }

    /** The session that has its memory nowhere else. */
    @Nullable
    Session session() {
        return session;
    }

    /** From now on its memory is nobody's. */
    void leaveSession() {
        if (session != null) {
            session.home = null;
            session = null;
        }
    }

    /** Whether a part of its job's prompt is not computed yet. */
    boolean isPrefilling() {
        return job != null && job.generated() == 0 && length < job.prompt().length;
    }

    /** Whether its job gets a token in the next step. */
    boolean goesOn() {
        return job != null && !isPrefilling() && !job.generation().isPaused();
    }

    /** The draft of its job, which speculates. */
    Draft draft() {
        return Objects.requireNonNull(Objects.requireNonNull(job).draft());
    }

    /** How many tokens its memory begins with that others begin with too. */
    int same(int[] others, int count) {
        int most = Math.min(length, count);
        int mismatch = Arrays.mismatch(tokens, 0, most, others, 0, most);
        return mismatch < 0 ? most : mismatch;
    }

    /** How many tokens its job has from one on: those in its memory, and the last one, which is not there yet. */
    int tokensFrom(int from) {
        return length + 1 - from;
    }

    /** Copies those. */
    void copyTokens(int from, int[] target, int at) {
        System.arraycopy(tokens, from, target, at, length - from);
        target[at + length - from] = Objects.requireNonNull(job).lastToken();
    }

    /** A number that grows with each use, by which the oldest is told. */
    long turn() {
        return turn;
    }

    /** How many tokens its memory begins with that a job would begin with too: with other adapters none. */
    int common(Job other) {
        // What was shifted is exact for nobody, and a good enough memory for its own session.
        boolean usable =
                adapters.equals(other.adapters()) && (!shifted || (session != null && session == other.session()));
        return usable ? common(tokens, length, other.prompt()) : 0;
    }

    /** The same, once the prompt of its own job is computed. */
    int commonLater(Job other) {
        return job == null || shifted || !adapters.equals(other.adapters())
                ? 0
                : common(job.prompt(), job.prompt().length, other.prompt());
    }

    static int common(int[] one, int length, int[] prompt) {
        // The last token of a prompt is always computed: its output is what the first token is chosen by.
        int most = Math.min(length, prompt.length - 1);
        int mismatch = Arrays.mismatch(one, 0, most, prompt, 0, most);
        return mismatch < 0 ? most : mismatch;
    }

    void begin(Job begun, long newTurn) {
        if (session != begun.session()) {
            leaveSession();
        }
        job = begun;
        session = begun.session();
        adapters = begun.adapters();
        turn = newTurn;
    }

    void end(long newTurn) {
        job = null;
        turn = newTurn;
    }

    /** Its memory now holds the first tokens alone. */
    void truncate(int newLength) {
        length = newLength;
        shifted &= newLength > 0;
    }

    /** Its memory has forgotten {@code count} tokens after the first {@code keep}. */
    void shift(int keep, int count) {
        System.arraycopy(tokens, keep + count, tokens, keep, length - keep - count);
        length -= count;
        shifted = true;
    }

    boolean isShifted() {
        return shifted;
    }

    /** The tokens in its memory. */
    int[] tokens() {
        return Arrays.copyOf(tokens, length);
    }

    boolean holds(int[] some) {
        return length == some.length && Arrays.equals(tokens, 0, length, some, 0, length);
    }

    /** Its memory, which was empty, now has these. */
    void fill(int[] some, boolean wereShifted) {
        shifted = wereShifted;
        reserve(some.length);
        System.arraycopy(some, 0, tokens, 0, some.length);
        length = some.length;
    }

    /** The next step computes a token more. */
    void plan(int token) {
        reserve(length + planned + 1);
        tokens[length + planned++] = token;
    }

    int planned() {
        return planned;
    }

    /** The step is done. */
    void carryOut() {
        length += planned;
        planned = 0;
    }

    /** The step was not done. */
    void forgetPlan() {
        planned = 0;
    }

    private void reserve(int size) {
        if (size > tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.max(size, 2 * tokens.length));
        }
    }
}
