package io.github.panllama.engine;

import java.util.Arrays;

/**
 * Learns what a step costs: so much for a number of sequences that go on, and so much more for each token of a prompt
 * beside them. Newer steps count for more.
 *
 * <p>The two are learnt apart, from steps without and with prompts. Fitted together they could not be told apart,
 * because the scheduler gives to prompts what the sequences leave.
 */
final class StepCost {
    private static final double SMOOTHING = 0.1;
    /** Of the time of a step with prompts, the least that is theirs. */
    private static final double LEAST_SHARE = 0.1;

    /** By the number of rows; 0 where that was never seen. */
    private double[] rowMicros = new double[16];

    private double promptMicros;

    /** What a step took, in microseconds. */
    void learn(int rows, int promptTokens, double micros) {
        if (promptTokens == 0) {
            reserve(rows);
            rowMicros[rows] = smoothed(rowMicros[rows], micros);
        } else {
            double theirs = Math.max(micros - rows(rows), LEAST_SHARE * micros);
            promptMicros = smoothed(promptMicros, theirs / promptTokens);
        }
    }

    private void reserve(int rows) {
        if (rows >= rowMicros.length) {
            rowMicros = Arrays.copyOf(rowMicros, 2 * rows);
        }
    }

    private static double smoothed(double before, double now) {
        return before == 0 ? now : before + SMOOTHING * (now - before);
    }

    /** What a step will take, in microseconds; 0 when nothing is known. */
    double predict(int rows, int promptTokens) {
        return rows(rows) + promptTokens * promptMicros;
    }

    /** How many tokens of prompts fit beside the rows into a time; negative when the rows alone do not. */
    double promptTokens(int rows, double micros) {
        double left = micros - rows(rows);
        return promptMicros == 0 ? Math.signum(left) * Integer.MAX_VALUE : left / promptMicros;
    }

    /** Between numbers of rows that were seen on a line; beyond the largest, in proportion. */
    private double rows(int rows) {
        int below = rows;
        while (below > 0 && (below >= rowMicros.length || rowMicros[below] == 0)) {
            below--;
        }
        int above = rows;
        while (above < rowMicros.length && rowMicros[above] == 0) {
            above++;
        }
        boolean known = above < rowMicros.length;
        if (below == 0) {
            return known ? rowMicros[above] : 0;
        }
        if (!known) {
            return rowMicros[below] * rows / below;
        }
        double part = above == below ? 0 : (double) (rows - below) / (above - below);
        return rowMicros[below] + part * (rowMicros[above] - rowMicros[below]);
    }
}
