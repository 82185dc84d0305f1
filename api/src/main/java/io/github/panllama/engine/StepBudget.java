package io.github.panllama.engine;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How much a step may compute, so that the time from one token to the next stays under a target. What a step will cost
 * is {@linkplain StepCost learnt}; how far off that is at worst is measured and allowed for.
 */
final class StepBudget {
    private static final int WINDOW = 128;
    /** A little above the 95th, which is promised, for what is measured late. */
    private static final double PERCENTILE = 0.97;

    private static final int FIRST_CHUNK = 16;
    private static final int PATIENCE = 24;
    /** Steps until the first prediction is worth something. */
    private static final int FIRST_STEPS = 8;

    private final double targetMicros;
    private int groups = 1;
    private final StepCost cost = new StepCost();
    private final double[] misses = new double[WINDOW];
    private final double[] sorted = new double[WINDOW];
    private int steps;
    private double margin = 1;
    private int largestChunk = FIRST_CHUNK;
    private int withoutPrompt;

    /** A budget; without a target it has no bounds. */
    StepBudget(@Nullable Duration target) {
        targetMicros = target == null ? Double.POSITIVE_INFINITY : TimeUnit.NANOSECONDS.convert(target) / 1e3;
    }

    private boolean isBounded() {
        return targetMicros < Double.POSITIVE_INFINITY;
    }

    /** Sequences with different adapters are computed in different steps: so many steps share a target. */
    void share(int newGroups) {
        groups = newGroups;
    }

    /** Whether one more sequence may join those that go on. */
    boolean allowsRows(int rows) {
        return !isBounded() || rows <= 1 || steps < WINDOW / 4 || round(rows) * margin <= targetMicros;
    }

    /** A step of each group. */
    private double round(int rows) {
        return groups * cost.predict(Math.ceilDiv(rows, groups), 0);
    }

    /** Drafted tokens that may be computed beside the rows of those that go on, in rows of their own. */
    int draftTokens(int rows, int most) {
        int fits = most;
        while (fits > 0 && !allowsRows(rows + fits)) {
            fits /= 2;
        }
        return fits;
    }

    /** Tokens of prompts that may be computed beside the rows of those that go on. */
    int promptTokens(int rows, int most) {
        if (!isBounded() || rows == 0) {
            return most;
        }
        // What was never tried is not believed: a chunk is at most twice the largest one so far.
        int fits = (int) Math.clamp(cost.promptTokens(rows, targetMicros / groups / margin), 0, 2.0 * largestChunk);
        if (fits == 0 && ++withoutPrompt > PATIENCE) {
            fits = FIRST_CHUNK / 2; // one step in many may be late, or no prompt would ever be computed
        }
        if (fits > 0) {
            withoutPrompt = 0;
        }
        return Math.min(fits, most);
    }

    /** What became of a step. */
    void measured(int rows, int promptTokens, long nanos) {
        if (!isBounded()) {
            return;
        }
        double micros = nanos / 1e3;
        double predicted = cost.predict(rows, promptTokens);
        if (steps >= FIRST_STEPS) {
            misses[(steps - FIRST_STEPS) % WINDOW] = micros / Math.max(predicted, 1);
            updateMargin();
        }
        cost.learn(rows, promptTokens, micros);
        largestChunk = Math.max(largestChunk, promptTokens);
        steps++;
    }

    private void updateMargin() {
        int count = Math.min(steps - FIRST_STEPS + 1, WINDOW);
        if (steps % 8 != 0 || count < WINDOW / 8) {
            return;
        }
        System.arraycopy(misses, 0, sorted, 0, count);
        Arrays.sort(sorted, 0, count);
        margin = Math.clamp(sorted[(int) (PERCENTILE * (count - 1))], 1, 4);
    }
}
