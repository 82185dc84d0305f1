package io.github.panllama.engine;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One sequence of the context: the tokens that its memory holds, and the job that it serves, if any. */
final class Slot {
    private final int sequence;
    private int[] tokens = new int[64];
    private int length;
    private int planned;
    private @Nullable Job job;
    private long turn;

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

    /** Whether a part of its job's prompt is not computed yet. */
    boolean isPrefilling() {
        return job != null && length < job.prompt().length;
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

    /** How many tokens its memory begins with that a prompt begins with too. */
    int common(int[] prompt) {
        return common(tokens, length, prompt);
    }

    /** The same, once the prompt of its job is computed. */
    int commonLater(int[] prompt) {
        return job == null ? 0 : common(job.prompt(), job.prompt().length, prompt);
    }

    private static int common(int[] one, int length, int[] prompt) {
        // The last token of a prompt is always computed: its output is what the first token is chosen by.
        int most = Math.min(length, prompt.length - 1);
        int mismatch = Arrays.mismatch(one, 0, most, prompt, 0, most);
        return mismatch < 0 ? most : mismatch;
    }

    void begin(Job begun, long newTurn) {
        job = begun;
        turn = newTurn;
    }

    void end(long newTurn) {
        job = null;
        turn = newTurn;
    }

    /** Its memory now holds the first tokens alone. */
    void truncate(int newLength) {
        length = newLength;
    }

    /** Its memory, which was empty, now begins as another's. */
    void copyFrom(Slot source, int count) {
        reserve(count);
        System.arraycopy(source.tokens, 0, tokens, 0, count);
        length = count;
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
