package io.github.panllama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class StepBudgetTest {
    @Test
    void withoutATargetThereIsNoBound() {
        StepBudget budget = new StepBudget(null);
        assertThat(budget.promptTokens(10, 2048)).isEqualTo(2048);
        assertThat(budget.allowsRows(256)).isTrue();
    }

    /** A machine of which a step takes 2 ms, 0.1 ms more for each row and 0.05 ms for each token of a prompt, roughly. */
    private static long nanos(int rows, int promptTokens, Random random) {
        double micros = 2000 + 100 * rows + 50 * promptTokens;
        return (long) (1000 * micros * (1 + 0.05 * random.nextGaussian()));
    }

    @Test
    void stepsStayUnderTheTargetAndUseIt() {
        StepBudget budget = new StepBudget(Duration.ofMillis(10));
        Random random = new Random(1);
        long[] times = new long[4000];
        long prompts = 0;
        for (int i = 0; i < times.length; i++) {
            int rows = 8 + random.nextInt(8);
            int promptTokens = budget.promptTokens(rows, 2048);
            times[i] = nanos(rows, promptTokens, random);
            budget.measured(rows, promptTokens, times[i]);
            prompts += promptTokens;
        }
        long late = LongStream.of(times).filter(time -> time > 10_000_000).count();
        assertThat((double) late / times.length).isLessThan(0.06);
        // Of the 6.85 ms that are left beside 11.5 rows, 137 tokens would use all.
        assertThat((double) prompts / times.length).isBetween(100.0, 140.0);
    }

    @Test
    void rowsThatDoNotFitWait() {
        StepBudget budget = new StepBudget(Duration.ofMillis(4));
        Random random = new Random(2);
        for (int i = 0; i < 200; i++) {
            int rows = 1 + random.nextInt(16);
            budget.measured(rows, 0, nanos(rows, 0, random));
        }
        assertThat(budget.allowsRows(12)).isTrue();
        assertThat(budget.allowsRows(30)).isFalse();
        assertThat(budget.allowsRows(1)).isTrue();
    }

    /** Where even the rows are too slow, prompts still come through. */
    @Test
    void promptsDoNotStarve() {
        StepBudget budget = new StepBudget(Duration.ofMillis(1));
        Random random = new Random(3);
        int prompts = 0;
        for (int i = 0; i < 1000; i++) {
            int promptTokens = budget.promptTokens(4, 2048);
            budget.measured(4, promptTokens, nanos(4, promptTokens, random));
            prompts += promptTokens;
        }
        assertThat(prompts).isBetween(100, 3000);
    }
}
